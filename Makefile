# wallwatch. `make up` runs it, `make test` tests it; both set themselves up first, and only once. `make` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup up demo selftest test check format bench reference lock wheel clean

# Any Python from 3.11 on; name another with `make PYTHON=…`.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' --extra speed
CONFIG ?= targets.yaml
ARGS ?=

help: ## This list.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

setup: $(VENV)/.installed ## Create .venv with what wallwatch needs to run.

up: $(VENV)/.installed ## Watch the targets of targets.yaml, and show the dashboard; Ctrl-C ends it.
	@exec $(BIN)/wallwatch up --config $(CONFIG) $(ARGS)

demo: $(VENV)/.installed ## The same on a simulated internet, with censors of all kinds.
	@exec $(BIN)/wallwatch demo $(ARGS)

selftest: $(VENV)/.installed ## Run every censorship scenario of the lab, and count.
	@exec $(BIN)/wallwatch selftest $(ARGS)

test: $(VENV)/.installed-dev ## Run all tests; ARGS='-k store' runs some.
	@exec $(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev ## Format, lint, types, architecture, docs.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n 0 tests/test_architecture.py tests/test_docs.py tests/config

format: $(VENV)/.installed-dev ## Put the code into its format, and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev ## Measure, beside a peer in the same run; results belong into docs/performance.md.
	@exec $(BIN)/python -m benchmarks $(ARGS)

reference: $(VENV)/.installed-dev ## Write the parts of docs/ that list our own words, and the JSON Schema.
	$(BIN)/python tests/docs_reference.py

lock: $(VENV)/.installed-dev ## Lock dependencies anew, with hashes; ARGS=--upgrade takes newer versions.
	$(COMPILE) $(ARGS) --group build pyproject.toml -o requirements.lock
	$(COMPILE) $(ARGS) --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

wheel: $(VENV)/.installed-dev ## Build a wheel into dist/.
	$(PIP) wheel -qq --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove the environment and what tools left behind; never data/.
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# The stamps make the second run instant, and let it work without a network.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'wallwatch needs Python 3.11 or newer; none was found. Name one with: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo 'This Python cannot make virtual environments; install its venv module (Debian, Ubuntu: apt install python3-venv).' >&2; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@test -f $(VENV)/.installed-dev || { echo 'Setting up .venv, once …' >&2; \
		$(PIP) install -qq --no-deps --require-hashes -r requirements.lock; }
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo 'Setting up .venv with the tools for tests, once …' >&2
	@$(PIP) install -qq --no-deps --require-hashes -r requirements-dev.lock
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.installed
