# `make run` and `make test` need Python 3.11 and nothing else; everything they make is in
# .venv/ and var/.

PYTHON ?= python3
VENV := .venv
MANAGE := $(VENV)/bin/python manage.py

.PHONY: help run test lint types bench documents

help: ## Show this.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: $(VENV)/.server ## Start the server; SQLite and one process unless the environment says otherwise.
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createadmin
	@exec $(MANAGE) serve

test: $(VENV)/.development ## Run all tests, on PostgreSQL and Redis if DATABASE_URL and REDIS_URL say so.
	$(VENV)/bin/python -m pytest $(TESTS)

lint: $(VENV)/.development ## Check style and formatting.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.development ## Check types.
	$(VENV)/bin/python -m mypy

bench: $(VENV)/.development ## Measure the server beside its peers; see docs/performance.md.
	$(VENV)/bin/python -m benchmarks

documents: $(VENV)/.server ## Write the generated documents in docs/ anew.
	$(MANAGE) configuration > docs/configuration.md

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.server: requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.server
