# make run    sets everything up and shows new papers       make test   sets everything up and runs every test
# make lint   style, types, layers                          make bench  measures, as ratios in one run
# make prove  kills, cuts and floods at full size, some minutes
.DEFAULT_GOAL := run
.PHONY: run demo test prove lint bench clean

VENV ?= .venv
BIN := $(VENV)/bin
CONFIG ?= config/config.yaml

# The first Python that is 3.11 or newer; PYTHON=... names another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$name"; break; fi; done)

run: $(VENV)/installed
	@exec $(BIN)/paperboy run --config $(CONFIG)

demo: $(VENV)/installed
	@exec $(BIN)/paperboy demo

test: $(VENV)/installed-dev
	@exec $(BIN)/python -m pytest -q -n auto $(TESTS)

prove: $(VENV)/installed-dev
	@PAPERBOY_PROVE=1 exec $(BIN)/python -m pytest -q tests/prove tests/replay tests/commands tests/delivery tests/adapters tests/platforms tests/test_restore.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/installed-dev
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) data .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "paperboy: needs Python 3.11 or newer; install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "paperboy: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e . >&2
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need (once) ..." >&2
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]' >&2
	@touch $@ $(VENV)/installed
