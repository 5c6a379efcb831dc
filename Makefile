# Everything a person needs to know: demo, test, check, bench, soak, serve.
# The environment is made by uv from uv.lock; uv itself comes from PyPI when it is not on the PATH.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install install-all cargo demo test check bench soak sanitize s3-server engines serve docs protos clean

PYTHON ?= python3
BIN := .venv/bin
# What every instruction set must pass.
KERNELS := tests/laws/test_state_laws.py tests/laws/test_energies.py tests/sim/test_plan_state.py \
	tests/sim/test_plan_expectation.py tests/sim/test_plan_sample.py
# The driver in Go: without Go it is left alone, except where REQUIRE_ENGINES is set.
GO_DRIVER := src/eigen/drivers/hosts/go
with_go = if command -v go >/dev/null; then $(1); else echo "go is not on the PATH: its driver is left alone" >&2; test -z "$$REQUIRE_ENGINES"; fi
UV := $(shell command -v uv 2>/dev/null || echo .build/uv/bin/uv)

help:
	@echo "make demo   install everything and run a Bell circuit and an H2 VQE on the embedded default"
	@echo "make test   install everything and pass the tests"
	@echo "make check  formatting, lints, types, and that the generated docs and messages are current"
	@echo "make bench  measurements beside the peers, tables and raw JSON under .build/bench"
	@echo "make soak   the long tests: kills and restarts at random, thousands of generated programs and circuits"
	@echo "make sanitize  the simulators under AddressSanitizer"
	@echo "make s3-server  build the S3 endpoint that tests and measurements start (needs Go)"
	@echo "make engines  install the engines of other makers for the tests, each in its environment (needs Go);"
	@echo "             TensorFlow Quantum is left to make soak, for it is heavy"
	@echo "make serve  run the whole server: gRPC on 127.0.0.1:50051, HTTP on 127.0.0.1:8080"

# The embedded system alone: no extra is added, and none that is there is taken away.
install: $(UV) cargo
	$(UV) sync --locked --inexact --quiet --compile-bytecode
	@$(BIN)/python -m compileall -q src

# With the extras: the server, telemetry, the drivers of other engines.
install-all: $(UV) cargo
	$(UV) sync --locked --all-extras --quiet --compile-bytecode
	@$(BIN)/python -m compileall -q src

cargo:
	@command -v cargo >/dev/null || { echo "error: cargo (Rust 1.89 or later) is not on the PATH; hint: https://rustup.rs" >&2; exit 2; }

.build/uv/bin/uv:
	$(PYTHON) -m venv .build/uv
	.build/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.7"

# The S3 endpoint that tests and measurements start, of a fixed version; Go 1.21 or later fetches what it needs.
VERSITYGW := v1.8.0
s3-server: .build/versitygw-$(VERSITYGW)/versitygw
.build/versitygw-$(VERSITYGW)/versitygw:
	@command -v go >/dev/null || { echo "error: go (1.21 or later) is not on the PATH" >&2; exit 2; }
	GOBIN=$(CURDIR)/.build/versitygw-$(VERSITYGW) go install -trimpath -ldflags '-s -w' \
		github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW)

# The engines of other makers, as `eigen backends` installs them; what is there as it should be is left alone. Those that
# weigh gigabytes are for `make soak`.
HEAVY_ENGINES := tfq
engines: install-all
	EIGEN_ENVIRONMENTS_ROOT=.build/environments $(BIN)/eigen backends install --all $(HEAVY_ENGINES:%=--except %) \
		--data-dir .build/engines

demo: install
	@$(BIN)/python examples/demo.py

test: install-all
	cargo test --workspace --quiet
	@$(call with_go,cd $(GO_DRIVER) && go test -vet=off ./...)
	$(BIN)/pytest -n 2
	for isa in avx2 portable; do EIGEN_ISA=$$isa $(BIN)/pytest -n 2 $(KERNELS); done

check: install-all
	cargo fmt --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/python docs/generate.py --check
	$(BIN)/python proto/generate.py --check
	@$(call with_go,$(BIN)/python proto/generate_go.py --check)
	@$(call with_go,test -z "$$(gofmt -l $(GO_DRIVER) | tee /dev/stderr)" && cd $(GO_DRIVER) && go vet ./...)

docs: install-all
	$(BIN)/python docs/generate.py

protos: install-all
	$(BIN)/python proto/generate.py
	@$(call with_go,$(BIN)/python proto/generate_go.py)

bench: install-all
	$(BIN)/python -m bench $(BENCH)

soak: install-all
	EIGEN_ENVIRONMENTS_ROOT=.build/environments $(BIN)/eigen backends install $(HEAVY_ENGINES) --data-dir .build/engines
	$(BIN)/pytest -m soak
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2 tests/laws tests/ir tests/lang/test_python_law.py tests/lang/test_runtime_law.py tests/wire tests/api/grpc/test_grpc_fuzz.py
	for isa in avx2 portable; do \
		HYPOTHESIS_PROFILE=soak EIGEN_ISA=$$isa $(BIN)/pytest -n 2 tests/laws/test_state_laws.py; done
	$(MAKE) sanitize

# The simulators under AddressSanitizer, which checks every read and write of the kernels and the memory arena, with each
# instruction set of the processor; a flag of the compiler that needs its nightly features, for these tests alone.
sanitize: cargo
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address --cfg sanitized" cargo test -p eigen-core --lib --quiet \
		--target $$(rustc -vV | sed -n 's/^host: //p') --target-dir target/sanitized sim::

serve: install-all
	$(BIN)/eigen serve

clean:
	rm -rf target .venv .build .pytest_cache .ruff_cache .hypothesis src/eigen/_core*.so
