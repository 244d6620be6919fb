# Every task of the project.  `make demo` and `make test` need nothing but Python 3.11 and make:
# each installs what it needs in .venv, once; a stamp in .venv says what is there.

PYTHON ?= python3
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest --quiet --numprocesses=auto --maxprocesses=8

.NOTPARALLEL:
.PHONY: help demo papers test test-all check format docs bench clean

help:  ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/demo  ## solve an exam paper, then train a classifier
	@$(BIN)/chainrule demo

papers: .venv/demo  ## solve the exam papers: an index and a page of each in build/papers
	@$(BIN)/chainrule solve papers/*.md --html build/papers

test: .venv/test  ## run all tests but the slow ones
	@$(PYTEST)

test-all: .venv/test  ## run all tests, and search longer for counter-examples
	@$(PYTEST) -m "" --hypothesis-profile=thorough

check: .venv/lint  ## check format, lint and types
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m mypy

format: .venv/lint  ## write files in the project's format
	@$(BIN)/python -m ruff format
	@$(BIN)/python -m ruff check --fix

docs: .venv/test  ## write the tables of ops and layers anew, as tests find them
	@$(BIN)/python -m tests.registry.table
	@$(BIN)/python -m tests.torch_parity.refresh
	@$(BIN)/python -m tests.torch_parity.document
	@$(BIN)/python -m tests.layers_parity.refresh
	@$(BIN)/python -m tests.layers_parity.document

bench: .venv/test  ## measure against the peers, side by side
	@set -e; for file in benchmarks/[!_]*.py; do \
	  $(BIN)/python -m benchmarks.$$(basename $$file .py); done

clean:  ## remove everything that make has made
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/created:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("chainrule needs Python 3.11 \
	or newer, $(PYTHON) is " + sys.version.split()[0] + ": try make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/demo: .venv/created pyproject.toml
	@echo "installing chainrule in .venv (once)"
	@$(PIP) install --editable '.[data]'
	@touch $@

# PyTorch first and by its exact name, so that a wheel at hand serves.
.venv/test: .venv/created pyproject.toml
	@echo "installing chainrule and what its tests compare it with, PyTorch too, in .venv (once)"
	@$(PIP) install torch==2.13.0
	@$(PIP) install --editable '.[test]'
	@touch $@

.venv/lint: .venv/created pyproject.toml
	@echo "installing the linters in .venv (once)"
	@$(PIP) install --editable '.[lint]'
	@touch $@
