# make run: play a night on this machine. make test: everything that is checked. Needs Python >= 3.11 and make.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-cache-dir

.PHONY: run test check faults sim proof mutants fuzz bench pictures sbom audit lock clean

run: $(VENV)/.runtime
	$(BIN)/callbacks demo --port $(PORT)

test: check
	$(BIN)/python -m pytest -n 4 --dist loadgroup

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/rooms.py --check
	$(BIN)/python tools/states.py --check
	$(BIN)/python tools/check_migrations.py

# What takes too long for every change: real processes killed, disks full, networks cut.
faults: $(VENV)/.development
	$(BIN)/python -m pytest -m slow -n 2 --dist loadgroup

# Nights in virtual time, on two cores; then the planted bugs.
NIGHTS ?= 75000
sim: $(VENV)/.development
	$(BIN)/python -m callbacks.simulation --nights $(NIGHTS) --seed 0 --processes 2 --report var/simulation.json
	$(BIN)/python -m tests.simulation.bugs 3000

# Every branch of the core; then whether its tests notice each of two thousand changes of it.
proof: $(VENV)/.development
	$(BIN)/python -m tests.proof coverage
mutants: $(VENV)/.tools
	$(BIN)/python -m tests.proof mutants

fuzz: $(VENV)/.tools
	$(BIN)/python -m tests.fuzz

# What it is made of (CycloneDX), and whether anything of that is known to be unsafe: exit 3 when nobody could be asked.
sbom: $(VENV)/.tools
	mkdir -p var
	$(BIN)/cyclonedx-py requirements requirements.txt --output-reproducible --of JSON -o var/sbom.json
audit: $(VENV)/.tools
	$(BIN)/python tools/advisories.py

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

# The README's pictures, as the browser tests see the pages.
pictures: $(VENV)/.development
	$(BIN)/python -m pytest -m browser tests/browser -k "1280-light or verdict"
	cp .test-artifacts/room-board-supervisor-1280-light.png docs/pictures/board.png
	cp .test-artifacts/2-paged.png docs/pictures/phones.png

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

$(VENV)/.tools: $(VENV)/.development requirements-tools.txt
	$(PIP) --require-hashes -r requirements-tools.txt
	touch $@

# The locks hold hashes and no index lines, so that any package index may serve them.
LOCK := --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --no-emit-options --no-header --no-config
lock: $(VENV)/.development
	$(BIN)/pip-compile $(LOCK) --output-file requirements.txt tools/runtime.in pyproject.toml
	$(BIN)/pip-compile $(LOCK) --constraint requirements.txt --output-file requirements-dev.txt tools/development.in pyproject.toml
	$(BIN)/pip-compile $(LOCK) --constraint requirements-dev.txt --output-file requirements-tools.txt tools/occasional.in
	$(BIN)/pip-compile $(LOCK) --constraint requirements-dev.txt --output-file requirements-postgres.txt tools/postgres.in

clean:
	rm -rf $(VENV) var mutants .mypy_cache .ruff_cache .import_linter_cache build dist
