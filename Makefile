# The two commands: `make run` serves the guichet, `make test` checks everything. Both set up what they need.
PYTHON ?= python3
BIN := .venv/bin
export TRIAGE_DATA ?= var

.PHONY: setup front reader system run notebooks test test-full lint bench bench-compare bench-counts torture fuzz screenshots lock clean wheel wheelhouse sbom audit-deps

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

# The same with the long tests, as CI does, and the notebooks on all the texts.
test-full: export TRIAGE_TESTS := whole
test-full: export TRIAGE_SAMPLE :=
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
	$(MAKE) bench-compare

# The engine beside edsnlp, spaCy's classifier and a transformer, in an environment of their own; rewrites the tables and the
# curves of docs/performance.md. torch is in no lock: its builds differ from machine to machine, and most bring gigabytes.
TORCH ?= torch==2.13.0
bench-compare: setup .venv-bench/.ready
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-bench/bin/python -m benchmarks.side_by_side

.venv-bench/.ready: requirements-bench.lock
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-bench.lock
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	.venv-bench/bin/python -m pip check
	touch $@

# Instructions that a report takes (valgrind), beside those kept in benchmarks/counts.json.
bench-counts: setup
	$(BIN)/python -m benchmarks.counts

# On both databases: the whole service killed, its disk filled, its clock moved while people report (ten minutes); then
# fifty agents in processes that are killed (twenty at most). A shortened version is part of the tests.
torture: export TRIAGE_TESTS := whole
torture: setup system
	TORTURE=full $(BIN)/python -m pytest tests/torture -s

# 100,000 hostile inputs to all that reads what others send; FUZZ=10 tries a tenth, FUZZ_SEED=… the same ones again.
fuzz: export FUZZ ?= full
fuzz: setup system
	TRIAGE_TESTS=whole $(BIN)/python -m pytest tests/fuzz -s

# Pinned versions with their hashes, no address of any index.
lock:
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --extra deploy --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --output-file requirements.lock
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --extra notebooks --constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-header --python-version 3.11 --output-file requirements-notebooks.lock
	.venv-lock/bin/uv pip compile pyproject.toml --constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-header --python-version 3.11 --output-file requirements-serve.lock
	.venv-lock/bin/uv pip compile pyproject.toml --extra bench --constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-header --python-version 3.11 --output-file requirements-bench.lock
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-bench var dist node_modules triage/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks

# Rules, model and files of the page in one wheel. The same commit gives the same bytes, wherever and whenever it is made.
wheel: export SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),1577836800)
wheel: setup
	rm -f dist/*.whl
	$(BIN)/python -m hatchling build --target wheel --directory dist

# Everything to install on a closed network; LOCK=requirements.lock adds the tools of developers.
LOCK ?= requirements-serve.lock
wheelhouse: wheel
	$(BIN)/python scripts/wheelhouse.py dist/*.whl --lock $(LOCK)

# What a delivery is made of (CycloneDX), and docs/licences.md.
sbom: setup
	$(BIN)/python scripts/sbom.py

# Known faults of what is locked; asks a public service, and says so where it cannot be reached.
audit-deps: setup
	$(BIN)/python scripts/audit_deps.py requirements.lock
