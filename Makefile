PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test lint types check

run: $(READY)  ## the bot: in Slack when its tokens are set, otherwise in the terminal
	@$(BIN)/irbot run

test: $(READY)
	@$(BIN)/pytest -q

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

check: lint types test  ## what continuous integration runs

$(READY): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[dev]' 1>&2
	@touch $@
