# Every target installs what it needs (local/set_up.py): a virtual environment in .venv, npm packages in local/ and tests/.
.DEFAULT_GOAL := help
.PHONY: help setup demo picture serve send test lint openapi unit runtime infra e2e chaos load fuzz bench msgraph lock audit clean

# A Functions host to use instead of local/host. CONTRIBUTING.md lists the options that it must have.
export QUEUE_HOST

PYTHON := .venv/bin/python
FIND_PYTHON := $(shell command -v python3.13 >/dev/null 2>&1 && python3.13 -c 'import sys' >/dev/null 2>&1 && echo python3.13)
SET_UP := $(FIND_PYTHON) local/set_up.py

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: installed-tests ## Install everything the other targets need

# Installs only what is missing. SET_UP=true installs nothing.
installed-%:
	@test -n "$(FIND_PYTHON)" || { echo "Python 3.13 is missing: install it so that 'python3.13' runs, then try again." >&2; exit 1; }
	@$(SET_UP) $*

demo: installed-demo ## Start the whole system, send requests, show every status event
	@$(PYTHON) -m local demo

picture: installed-demo ## Run the demo in a terminal, and draw it for the README (docs/demo.svg)
	$(PYTHON) -m local.picture docs/demo.svg

serve: installed-demo ## Keep the whole system up until Ctrl-C, with a page to see it work; PORT=7071 sets the app's port
	@$(PYTHON) -m local serve --page $(if $(PORT),--port "$(PORT)")

send: installed-demo ## Post a payload to what 'make serve' runs, and show the events: SOURCE=pagerduty FILE=incident.json
	@test -n "$(SOURCE)" -a -n "$(FILE)" || { echo "Say what to send: make send SOURCE=pagerduty FILE=incident.json (FILE=-: stdin)" >&2; exit 1; }
	@$(PYTHON) -m local send "$(SOURCE)" "$(FILE)"

test: lint ## Lint, type-check and run all tests, with coverage
	$(PYTHON) -m pytest -n 2 --dist loadfile --cov --cov-report=term

lint: installed-tests ## Check style, types (mypy strict), layers, OpenAPI definitions, and the words of pages, messages and comments
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@PATH="$(CURDIR)/.venv/bin:$$PATH" lint-imports --no-logo
	@$(PYTHON) -m schemas.openapi --check
	@$(PYTHON) -m tests.words

openapi: installed-tests ## Write schemas/openapi.json and openapi-2.json, the definitions of the HTTP routes
	@$(PYTHON) -m schemas.openapi

unit: installed-tests ## Run only the unit tests: no network, seconds
	$(PYTHON) -m pytest tests/unit

runtime: installed-tests ## Run only the tests on Microsoft's runtime library
	$(PYTHON) -m pytest tests/runtime

infra: installed-tests ## Run only the checks of templates, queries and pages
	$(PYTHON) -m pytest tests/infra

e2e: installed-tests ## Run only the tests on the whole local system; QUEUE_HOST=... for another Functions host
	$(PYTHON) -m pytest -n 2 --dist loadfile tests/e2e

SEEDS ?= 5
chaos: installed-tests ## Inject random faults, and take each guard out of the app (12 min); SEEDS=20 for more runs
	$(PYTHON) -m trials.chaos --seeds $(SEEDS)
	$(PYTHON) -m trials.chaos --mutations

load: installed-tests ## Send 10,000 requests for 1,000 jobs: speed, memory, CPU time; then 10,000 jobs at once within Graph's limit (11 min)
	$(PYTHON) -m trials.load
	$(PYTHON) -m trials.load --requests 10000 --limit 1000 --window 50 --in-flight 10000

fuzz: installed-tests ## Run the tests of untrusted input, with 10,000 and more random payloads (minutes)
	HYPOTHESIS_PROFILE=fuzz $(PYTHON) -m pytest --timeout 1800 tests/unit/intake/sources/test_any_payload.py tests/unit/intake/test_signatures.py

bench: installed-tests ## Measure cold start, cost, throughput and delay, compared with smaller programs
	@$(PYTHON) -m trials.bench $(BENCH)

msgraph: installed-tests installed-msgraph ## Install msgraph-sdk in .venv/msgraph, for the comparison with it

LOCK := -m uv pip compile --quiet --no-header --no-emit-index-url --no-emit-find-links --python-version 3.13 $(UPGRADE)
lock: installed-tests ## Resolve requirements*.in to their .txt files; UPGRADE=--upgrade for newer versions
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) $(LOCK) --universal --generate-hashes --no-annotate requirements.in --output-file requirements.txt
	$(PYTHON) $(LOCK) requirements-dev.in --output-file requirements-dev.txt
	$(PYTHON) $(LOCK) requirements-local.in --constraint requirements-dev.txt --output-file requirements-local.txt
	$(PYTHON) $(LOCK) trials/bench/requirements-msgraph.in --output-file trials/bench/requirements-msgraph.txt

audit: installed-tests ## Check the deployed packages for known vulnerabilities (needs the network)
	$(PYTHON) -m venv .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	.venv/audit/bin/python -m pip_audit --strict --requirement requirements.txt --disable-pip

clean: ## Remove everything that the targets installed
	rm -rf .installed .venv local/node_modules tests/infra/kusto/node_modules tests/cards/node_modules
