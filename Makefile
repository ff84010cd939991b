# `make run` and `make test` need Python 3.11 and nothing else; everything they make is in
# .venv/ and var/.

PYTHON ?= python3
VENV := .venv
MANAGE := $(VENV)/bin/python manage.py
INSTALL := bin/pip install --quiet --disable-pip-version-check
PINS := requirements.txt constraints.txt

.PHONY: help run test lint types bench documents constraints

help: ## Show this.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

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
	$(MANAGE) protocol > docs/protocol.md

constraints: ## Write constraints.txt anew, from an installation without it.
	rm -rf var/constraints && $(PYTHON) -m venv var/constraints
	sed '/^-c/d' requirements.txt > var/constraints/requirements.txt
	cp requirements-dev.txt var/constraints/
	cd var/constraints && $(INSTALL) -r requirements-dev.txt
	sed -i '/^[^#]/d' constraints.txt
	cd var/constraints && bin/pip freeze -r requirements.txt -r requirements-dev.txt \
	  | sed '1,/^## The following/d' >> $(CURDIR)/constraints.txt

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.server: $(PINS) | $(VENV)/bin/python
	$(VENV)/$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.development: $(PINS) requirements-dev.txt | $(VENV)/bin/python
	$(VENV)/$(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.server
