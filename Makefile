# The two commands: `make run` serves the guichet, `make test` checks everything. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
export TRIAGE_DATA ?= var

.PHONY: setup front reader system run notebooks test test-full lint bench torture screenshots lock clean

setup: .venv/.ready front

.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus récent est nécessaire") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	touch $@

# The files of the page, from npm's packages; Node comes with the project where the machine has none.
front: .venv/.ready
	$(BIN)/python scripts/front.py $(FRONT)

# What reads the text of screenshots; the guichet works without, and says so.
reader:
	sh scripts/system-packages reader

# Debian packages that some tests use; installed where we may, said loudly where we may not.
system:
	sh scripts/system-packages all

run: setup reader
	$(BIN)/triage train --if-missing
	$(BIN)/triage serve

# JupyterLab on the notebooks of analysts; it looks for no news and no update.
notebooks: export TRIAGE_DATA := $(abspath $(TRIAGE_DATA))
notebooks: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-notebooks.lock
	$(BIN)/triage train --if-missing
	$(BIN)/jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements"
	$(BIN)/jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None \
		--notebook-dir=notebooks $(JUPYTER)

test: FRONT = --with-dev
test: setup system lint
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The same with the long tests, and the notebooks run whole: what CI runs.
test-full: export TRIAGE_TESTS := whole
test-full: test

screenshots: FRONT = --with-dev
screenshots: setup system
	$(BIN)/python scripts/screenshots.py docs/img

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/triage rules check

bench: FRONT = --with-dev
bench: setup system
	$(BIN)/python -m pytest benchmarks --benchmark-columns=median,iqr,rounds --benchmark-sort=name

# Fifty agents in real processes, some of them killed, on both databases; a shortened version is part of the tests.
torture: setup system
	TORTURE=full $(BIN)/python -m pytest tests/torture -s

# Pinned versions with their hashes, no address of any index.
lock:
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --output-file requirements.lock
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --extra notebooks --constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-header --python-version 3.11 --output-file requirements-notebooks.lock
	rm -rf .venv-lock

clean:
	rm -rf .venv var dist node_modules triage/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
