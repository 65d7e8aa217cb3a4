# Needs Python 3.11 or 3.12 and make; everything else comes into .venv by itself, the first time it is wanted.
#
#   make demo     a whole factory with a simulated market, at http://127.0.0.1:8000     ARGS="--port 8001 --speed 120"
#   make test     all tests                                                             ARGS="tests/unit -k ledger"
#   make test-spark  the back-test on a Spark cluster of its own; needs Java 17
#   make identity the engines that read papers and faces on this machine, beside the rest
#   make test-identity  the tests that need them
#   make lab      interpret's EBM among the challengers, and challengers as ONNX, beside the rest
#   make test-lab the tests that need them
#   make check    format, lint, types, imports, doctests, tests: what CI runs
#   make bench    the benchmarks; with DATA=FOLDER (of the public sets) also those on past loans
#   make format   write the code as the formatter wants it
#   make clean    remove .venv and whatever was made; the demo's data stays

PYTHON ?= python3
JOBS ?= 2
ARGS ?=
SPREAD = -n $(JOBS) --dist loadfile --no-loadscope-reorder

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark
IDENTITY := $(VENV)/.identity
LAB := $(VENV)/.lab
SOURCES := src tests benchmarks

export PYTHONPATH := src
export UV_LINK_MODE ?= copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.PHONY: help demo test test-spark identity test-identity lab test-lab check bench format clean ready

help:
	@sed -n 's/^#   //p' Makefile

ready: $(READY)

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "There is no '$(PYTHON)' here. Install Python 3.11 or 3.12, or name it: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || { \
	  echo "'$(PYTHON)' is $$($(PYTHON) -V 2>&1), and 3.11 or 3.12 is needed. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null || { \
	  echo "Making .venv ..." >&2; rm -rf $(VENV); $(PYTHON) -m venv $(VENV) || { \
	  echo "Python could not make .venv; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; }
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q uv || \
	  echo "uv cannot be had here; pip does it, more slowly." >&2
	@echo "Installing what requirements.lock lists ..." >&2
	@{ $(BIN)/python -m uv --version >/dev/null 2>&1 && \
	   $(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock && \
	   $(BIN)/python -m uv pip install -q --python $(BIN)/python --no-deps -e . ; } || \
	 { $(BIN)/python -m pip install -q --require-hashes -r requirements.lock && \
	   $(BIN)/python -m pip install -q --no-deps -e . ; }
	@$(BIN)/python -c 'from creditfactory.service.words import compile_words; compile_words()'
	@touch $(READY)

demo: $(READY)
	@exec $(BIN)/python -m creditfactory demo $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest -q $(SPREAD) $(ARGS)

$(SPARK): $(READY) requirements-spark.lock
	@echo "Installing what requirements-spark.lock lists beside it ..." >&2
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes -r requirements-spark.lock || \
	 $(BIN)/python -m pip install -q --require-hashes -r requirements-spark.lock
	@touch $(SPARK)

test-spark: $(SPARK)
	$(BIN)/python -m pytest -q tests/journeys/test_backtest_spark.py $(ARGS)

# Without dependencies of dependencies: the lock has them all, and leaves out TensorFlow, which nothing here imports.
$(IDENTITY): $(READY) requirements-identity.lock
	@echo "Installing what requirements-identity.lock lists beside it ..." >&2
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --no-deps --require-hashes -r requirements-identity.lock || \
	 $(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements-identity.lock
	@touch $(IDENTITY)

identity: $(IDENTITY)

test-identity: $(IDENTITY)
	$(BIN)/python -m pytest -q tests/journeys/test_identity_gateway.py $(ARGS)

$(LAB): $(READY) requirements-lab.lock
	@echo "Installing what requirements-lab.lock lists beside it ..." >&2
	@$(BIN)/python -m uv pip install -q --python $(BIN)/python --require-hashes -r requirements-lab.lock || \
	 $(BIN)/python -m pip install -q --require-hashes -r requirements-lab.lock
	@touch $(LAB)

lab: $(LAB)

test-lab: $(LAB)
	$(BIN)/python -m pytest -q tests/journeys/test_lab_extra.py $(ARGS)

check: $(READY)
	@printf '\n== format\n'   && $(BIN)/python -m ruff format --check $(SOURCES)
	@printf '\n== lint\n'     && $(BIN)/python -m ruff check $(SOURCES)
	@printf '\n== types\n'    && $(BIN)/python -m mypy
	@printf '\n== imports\n'  && $(BIN)/python -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
	@printf '\n== rulebooks\n' && for pack in rulebook/*/pack.yaml; do $(BIN)/python -m creditfactory rulebook check --no-mutation $$(dirname $$pack) >/dev/null || exit 1; done
	@printf '\n== doctests\n' && $(BIN)/python -m pytest -q --doctest-modules src/creditfactory
	@printf '\n== tests\n'    && $(BIN)/python -m pytest -q $(SPREAD) $(ARGS)
	@printf '\nAll is well.\n'

bench: $(READY)
	$(BIN)/python benchmarks/decide_vs_zen.py
	$(BIN)/python benchmarks/columns_vs_zen.py
	$(BIN)/python benchmarks/whole_decision.py
	$(BIN)/python benchmarks/labels.py
	$(BIN)/python benchmarks/gate.py
	$(BIN)/python benchmarks/network.py
	$(BIN)/python benchmarks/binning.py
	$(BIN)/python benchmarks/divergence.py
ifdef DATA
	$(BIN)/python benchmarks/line.py $(DATA)/sba/sba_7a_30k.parquet
	$(BIN)/python benchmarks/cards.py $(DATA)
endif

format: $(READY)
	$(BIN)/python -m ruff check --fix $(SOURCES)
	$(BIN)/python -m ruff format $(SOURCES)

clean:
	rm -rf $(VENV) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
