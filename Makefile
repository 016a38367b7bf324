# The two commands: `make run` serves the guichet, `make test` checks everything. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
export TRIAGE_DATA ?= var

.PHONY: setup system run test lint bench lock clean

setup: .venv/.ready

.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus récent est nécessaire") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $@

# Debian packages that some tests use; installed where we may, said loudly where we may not.
system:
	sh scripts/system-packages

run: setup
	$(BIN)/triage train --if-missing
	$(BIN)/triage serve

test: setup system lint
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/triage rules check

bench: setup
	$(BIN)/python -m pytest benchmarks --benchmark-columns=median,iqr,rounds --benchmark-sort=name

# Pinned versions with their hashes, no address of any index.
lock:
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --output-file requirements.lock
	rm -rf .venv-lock

clean:
	rm -rf .venv var dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
