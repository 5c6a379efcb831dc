# Everything a person needs to know: demo, test, check, bench, soak, serve.
# The environment is made by uv from uv.lock; uv itself comes from PyPI when it is not on the PATH.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install demo test check bench soak serve docs clean

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .build/uv/bin/uv)

help:
	@echo "make demo   install everything and run a Bell circuit and an H2 VQE on the embedded default"
	@echo "make test   install everything and pass the tests"
	@echo "make check  formatting, lints, types, and that the generated docs are current"
	@echo "make bench  measurements beside the peers, tables and raw JSON under .build/bench"
	@echo "make soak   the long tests: kill -9 at random, thousands of generated programs and circuits"
	@echo "make serve  run the kernel's worker loop in the foreground"

install: $(UV)
	@command -v cargo >/dev/null || { echo "error: cargo (Rust 1.88 or later) is not on the PATH; hint: https://rustup.rs" >&2; exit 2; }
	$(UV) sync --locked --quiet --compile-bytecode
	@$(BIN)/python -m compileall -q src

.build/uv/bin/uv:
	$(PYTHON) -m venv .build/uv
	.build/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.7"

demo: install
	@$(BIN)/python examples/demo.py

test: install
	cargo test --workspace --quiet
	$(BIN)/pytest -n 2

check: install
	cargo fmt --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/python docs/generate.py --check

docs: install
	$(BIN)/python docs/generate.py

bench: install
	$(BIN)/python -m bench $(BENCH)

soak: install
	$(BIN)/pytest -m soak
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 tests/laws tests/ir tests/lang/test_python_law.py tests/lang/test_runtime_law.py

serve: install
	$(BIN)/eigen serve

clean:
	rm -rf target .venv .build .pytest_cache .ruff_cache .hypothesis src/eigen/_core*.so
