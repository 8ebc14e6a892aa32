# Two commands matter: `make run` and `make test`. Everything is offline after the install step.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCH := .venv-bench
CONFIG ?= config.yaml

.PHONY: run test install install-dev check lint types contracts knowledge eval bench bench-quick clean help

run: install ## install, compile the knowledge, serve web chat and API on http://127.0.0.1:8080
	@$(BIN)/anwen serve --config $(CONFIG)

test: install-dev ## the whole default test suite
	@$(BIN)/python -m pytest

check: install-dev lint types contracts test ## what CI runs

lint: install-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: install-dev
	@$(BIN)/mypy

contracts: install-dev
	@$(BIN)/lint-imports

knowledge: install ## check and compile the entries
	@$(BIN)/anwen knowledge check && $(BIN)/anwen knowledge build

eval: install-dev ## answer the development questions and report
	@$(BIN)/anwen eval

bench: $(BENCH)/.installed ## measure speed, memory and rivals; writes docs/benchmarks.md
	@$(BENCH)/bin/python -m benchmarks

bench-quick: install-dev ## the same in a minute, without rivals; writes nothing
	@$(BIN)/python -m benchmarks --quick

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "anwen needs Python 3.11 or newer, and $(PYTHON) is `$(PYTHON) -V 2>&1`. Install it, or name it: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "The virtual environment could not be made. On Debian/Ubuntu: sudo apt install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing anwen (once, a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . && touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	@echo "Installing anwen with its development tools (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]" && touch $@ $(VENV)/.installed

# The rivals need torch; the serving environment must never get it.
$(BENCH)/.installed: pyproject.toml
	@echo "Installing the rivals for the benchmarks, torch among them (once, some minutes) ..."
	@$(PYTHON) -m venv $(BENCH) && \
		$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -e ".[bench]" && touch $@

clean: ## remove the environment and caches; never data/
	rm -rf $(VENV) $(BENCH) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'
