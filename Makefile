# `make run` and `make test` need Python 3.11 and nothing else; everything they make is in
# .venv/ and var/.

PYTHON ?= python3
VENV := .venv
MANAGE := $(VENV)/bin/python manage.py
# The machine's uv, or else one in the virtual environment.
UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),$(VENV)/bin/uv)
LOCK := requirements.lock
INSTALL = $(UV) pip install --python $(VENV)/bin/python --require-hashes \
  --constraint $(LOCK) --build-constraint $(LOCK)
# Two that are started at once would make the same .venv: the second waits for the first.
ALONE = $(PYTHON) -c 'import fcntl, os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); \
  lock = os.open("Makefile", os.O_RDONLY); fcntl.flock(lock, fcntl.LOCK_EX); \
  os.set_inheritable(lock, True); os.execvp(sys.argv[1], sys.argv[1:])'
# Of two cores: tests wait for the servers that they start, too.
TEST_PROCESSES ?= 4
# Set in many containers; the tests would be compiled anew by each process of each run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test clients lint types bench audit documents pictures lock sentry

help: ## Show this.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: $(VENV)/.server ## Start the server; SQLite and one process unless the environment says otherwise.
	@echo 'Preparing the database.'
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createadmin
	@exec $(MANAGE) serve

test: $(VENV)/.development ## Run the tests, on PostgreSQL and Redis if DATABASE_URL and REDIS_URL say so.
	@echo 'Running $(or $(TESTS),$(if $(THOROUGH),all tests,all tests but those of load)) in $(TEST_PROCESSES) processes, on $(if $(DATABASE_URL),the server of DATABASE_URL,SQLite).'
	@$(if $(TESTS)$(THOROUGH),,echo 'Two and a half minutes on two quiet cores. THOROUGH=1 adds tests of load and more random examples.')
	@echo 'Tests of what is not installed are skipped, and named at the end.'
	@$(VENV)/bin/python -m pytest --numprocesses $(TEST_PROCESSES) --dist worksteal $(TESTS)

clients: ## Install DeviceHive's JavaScript client, whose tests then run among ours; needs npm.
	@npm ci --prefix tests/clients/javascript --ignore-scripts --no-audit --no-fund

lint: $(VENV)/.development ## Check style and formatting.
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/.development ## Check types.
	$(VENV)/bin/python -m mypy

bench: $(VENV)/.development ## Measure the server beside its peers; see docs/performance.md.
	$(VENV)/bin/python -m benchmarks

audit: $(VENV)/.development ## Look for known vulnerabilities of all that is locked; asks the index of packages.
	$(VENV)/bin/uv tool run pip-audit@2.9.0 --disable-pip --require-hashes -r requirements.lock

sentry: $(VENV)/.server ## Install what SENTRY_DSN needs.
	@$(INSTALL) -r requirements-sentry.txt

documents: $(VENV)/.server ## Write the generated documents in docs/ anew.
	$(MANAGE) configuration > docs/configuration.md
	$(MANAGE) protocol > docs/protocol.md
	$(MANAGE) protocol --rest > docs/rest.md

pictures: $(VENV)/.development ## Take the picture of the README anew; needs chromium.
	KEEP_PICTURES=1 $(VENV)/bin/python -m pytest -q tests/admin/test_pictures.py

lock: | $(VENV)/bin/python $(UV) ## Write requirements.lock anew, after a change in requirements*.txt.
	$(UV) pip compile --quiet --generate-hashes --python-version 3.11 --no-annotate \
	  --custom-compile-command 'make lock' requirements-dev.txt --output-file $(LOCK)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@echo 'Making a virtual environment in $(VENV)/.'
	@$(ALONE) sh -c 'if [ -x $@ ]; then true; \
	  elif [ $(UV) != $(VENV)/bin/uv ]; then $(UV) venv --quiet --python $(PYTHON) $(VENV); \
	  else $(PYTHON) -m venv $(VENV); fi || { rm -rf $(VENV); exit 1; }'

# Only where the machine has none. pip has hashes from a list of requirements alone.
$(VENV)/bin/uv: | $(VENV)/bin/python
	@echo 'Installing uv, which installs the rest.'
	@sed -n '/^uv==/,/[^\]$$/p' $(LOCK) > $(VENV)/uv.txt
	@$(ALONE) $(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes \
	  -r $(VENV)/uv.txt

$(VENV)/.server: requirements.txt $(LOCK) | $(VENV)/bin/python $(UV)
	@echo 'Installing what requirements.txt names, about 30 MB.'
	@$(ALONE) $(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt requirements-sentry.txt requirements-dev.txt $(LOCK) | $(VENV)/bin/python $(UV)
	@echo 'Installing what requirements-dev.txt names, about 130 MB.'
	@$(ALONE) $(INSTALL) -r requirements-dev.txt
	@touch $@ $(VENV)/.server
