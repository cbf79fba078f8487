# make run: play a night on this machine. make test: everything that is checked. Needs Python >= 3.11 and make.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-cache-dir

.PHONY: run test check lock bench clean

run: $(VENV)/.runtime
	$(BIN)/callbacks demo --port $(PORT)

test: check
	$(BIN)/python -m pytest -n 4 --dist loadgroup

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_migrations.py

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found on PATH"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.runtime: $(VENV)/.made requirements.txt pyproject.toml
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --no-index --editable .
	touch $@

$(VENV)/.development: $(VENV)/.made requirements-dev.txt pyproject.toml
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation --no-index --editable .
	touch $@ $(VENV)/.runtime

# The locks hold hashes and no index lines, so that any package index may serve them.
LOCK := --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --no-emit-options --no-header --no-config
lock: $(VENV)/.development
	$(BIN)/pip-compile $(LOCK) --output-file requirements.txt tools/runtime.in pyproject.toml
	$(BIN)/pip-compile $(LOCK) --constraint requirements.txt --output-file requirements-dev.txt tools/development.in pyproject.toml

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .import_linter_cache build dist
