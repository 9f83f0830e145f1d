# The chores. `make estimate` and `make test` work on a fresh machine with git, make and Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
# What to install: the working copy, or a wheel (`make test PACKAGE=dist/scfcost-0.2.0-py3-none-any.whl VENV=/tmp/fresh`).
PACKAGE ?= --editable .
# More for pytest: `make test ARGS=--cov`, `make test ARGS='-k tiers'`.
ARGS ?=
# Processes that share the tests, more than two cores, since many wait: `make test JOBS=8`, or 0 for none beside the first.
JOBS ?= 3

BIN = $(VENV)/bin
USER_READY = $(VENV)/.scfcost
DEV_READY = $(VENV)/.scfcost-dev
DOCS_READY = $(VENV)/.scfcost-docs

.PHONY: estimate docs test quick thorough lint types check format wheel notebooks pictures bench clean

estimate: $(USER_READY)  ## the bill of the chat room in data/sample_traces
	$(BIN)/scfcost estimate data/sample_traces/chat_room.parquet

test: $(DEV_READY)  ## every test, with a share of the random examples, seeds and combinations
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

thorough:  ## every test with all of them, as CI runs it
	TESTS=thorough $(MAKE) test

quick: $(DEV_READY)  ## what a developer runs all day: every test but the slow ones
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m 'not slow' $(ARGS)

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_READY)
	$(BIN)/mypy

check: lint types test  ## what a change has to pass

format: $(DEV_READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(DEV_READY)
	$(BIN)/python -m build --wheel

notebooks: $(DEV_READY)  ## execute the notebooks and keep what they show
	$(BIN)/python notebooks/execute.py

docs: $(DOCS_READY)  ## the site, in docs/_build/html, its Chinese pages in docs/_build/html/zh
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -q -D language=zh_CN docs docs/_build/html/zh
	@echo "docs/_build/html/index.html"

pictures: $(DEV_READY)  ## draw the pictures of the README
	$(BIN)/python docs/pictures.py

bench: $(DEV_READY)  ## every target of speed and memory, with its yardstick: about five minutes
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf build dist docs/_build docs/reference/generated .coverage .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "scfcost needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || \
		{ echo "the venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(USER_READY): pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check $(PACKAGE)
	@touch $@

$(DEV_READY): pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check $(PACKAGE)'[dev]'
	@touch $@ $(USER_READY)

$(DOCS_READY): $(DEV_READY)
	$(BIN)/pip install --quiet --disable-pip-version-check $(PACKAGE)'[docs]'
	@touch $@
