# Every task of this repository; `make help` lists them. All of them set up what they need first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test proof lint format schema bench clean

help: ## list the tasks
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "tim3tool needs Python 3.11 or later"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "help: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "setting up $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY) ## set up, build, deploy TIM3 to two embedded networks, mint, transfer, burn, and print the balances
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/demo.sh

test: $(READY) ## set up and run every test, with a sample of the long proofs
	@$(BIN)/python -m pytest -q -n auto --doctest-modules tests tim3tool
	@$(BIN)/tim3tool test

proof: $(READY) ## run the long proofs in full
	@TIM3_PROOF=1 $(BIN)/python -m pytest -q -n auto tests

lint: $(READY) ## ruff, mypy --strict, and luacheck where it is installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@if command -v luacheck >/dev/null; then luacheck --quiet ao tim3tool; \
	else echo "luacheck skipped: it is not installed (Debian: apt-get install lua-check)"; fi

format: $(READY) ## format the Python code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

schema: $(READY) ## write the JSON Schema of the manifest anew
	@$(BIN)/python scripts/write_schema.py

bench: $(READY) ## measure speed (benchmarks/README.md)
	@$(BIN)/python benchmarks/run.py

clean: ## remove what was built, deployed to the embedded network, and set up
	rm -rf build .tim3/networks .tim3/journal .tim3/state/local*.json $(VENV)
