# Everything starts here: `make help` lists what there is. No root rights are needed.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

# Hundreds of commands are started: each module is compiled once, also where the machine's Python is told to keep nothing.
unexport PYTHONDONTWRITEBYTECODE

# The virtual environment is brought up to date when a pin or the project's own settings change.
PINS := requirements-build.txt requirements.txt pyproject.toml
KEY := $(shell cat $(PINS) | sha256sum | cut -c 1-16)
READY := $(VENV)/.ready-$(KEY)
PIP := $(RUN) -m pip --disable-pip-version-check --no-input

# Tests are shuffled, each time in the same way, so that a run can be repeated: `make test SEED=1` is another one.
SEED ?= 20261121

# How much of a whole campaign is done, and which of its parts (none named: all).
SHARE ?= 1
PART ?=

# One more than the two cores of a small machine: tests wait for nodes, for screens that come to rest, and for disks.
WORKERS ?= 3

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup demo readme play check test campaign bench pictures lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## fetch the pinned Python packages, the node and the registry
	@$(RUN) -m regtest.packages > /dev/null

demo: setup ## tell the whole story on a real node and a real registry
	@$(RUN) -m regtest demo

readme: setup ## tell the story and write its table into README.md
	@$(RUN) -m regtest demo --readme README.md

play: setup ## open a shell with a node, a registry and two funded wallets
	@$(RUN) -m regtest play

check: setup ## lint, format, types, import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

test: check ## check, then every test but the slow ones; SEED=1 is another order
	$(VENV)/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow" --randomly-seed=$(SEED)

campaign: setup ## compare with second opinions for at most 45 minutes; SEED=1 is another, SHARE=0.1 a tenth, PART=lineages one part
	@$(PIP) install -q --require-hashes -r requirements-campaign.txt \
	    || echo 'atheris cannot be had here: no input is found by coverage, and the figures say so' >&2
	$(RUN) -m tests.campaign --seed $(SEED) --share $(SHARE) $(PART)

bench: setup ## measure cost on the chain, indexing, verifying and start-up
	@set -e; for each in benchmarks/bench_*.py; do \
	    if [ -e "$$each" ]; then echo "== $$each"; $(RUN) "$$each"; fi; \
	done

pictures: setup ## draw the terminal app's main screens anew, into docs/screens
	@$(RUN) -m tests.tui.app.pictures

lock: setup ## pin every Python package anew, from pyproject.toml
	$(RUN) -m venv .cache/lock
	.cache/lock/bin/python -m pip --disable-pip-version-check install -q pip-tools==7.6.2
	CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/pip-compile -q --generate-hashes --allow-unsafe --strip-extras \
	    --no-emit-index-url --no-emit-find-links --extra test -o requirements.txt pyproject.toml
	printf 'atheris>=3\n' | CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/pip-compile -q --generate-hashes \
	    --no-emit-index-url --no-emit-find-links -o requirements-campaign.txt -

clean: ## remove everything that was fetched or made
	@if [ -x $(RUN) ] && [ -e .cache/regtest/state.json ]; then $(RUN) -m regtest down; fi
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Python 3.11 or later is needed: install it, or name one by `make PYTHON=/path/to/python3 ...`' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	    || { echo 'Python cannot make virtual environments here; on Debian: apt install python3-venv' >&2; exit 1; }
	@rm -f $(VENV)/.ready-*
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements-build.txt
	$(PIP) install --no-build-isolation --use-pep517 --require-hashes -r requirements.txt
	$(PIP) install --no-build-isolation --no-deps -q -e .
	@touch $@
