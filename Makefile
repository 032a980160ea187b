# Everything is started from here. `make` alone tells what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.NOTPARALLEL:

VENV := .venv
FUZZ := .venv-fuzz
PY := $(VENV)/bin/python
INSTALL := -m pip install --disable-pip-version-check --no-input --progress-bar off --quiet --quiet \
	--require-hashes --only-binary :all: --no-deps
PIP := $(PY) $(INSTALL)
export PYTHONDONTWRITEBYTECODE ?=
PORT ?= 8000
export PORT

.PHONY: help run demo environments test lint format bench chaos door fuzz browser messages severity-model lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.ok ## Run the whole portal in the foreground: make run PORT=8000
	@exec $(PY) -m support_portal.run

demo: $(VENV)/.ok ## Throw the demo data away and make it anew
	@$(PY) manage.py demo

test: environments browser ## Run every check and every test
	@tools/test

lint: $(VENV)/.ok-dev ## Check style, types and import rules
	@$(PY) -m ruff format --check --quiet . && $(PY) -m ruff check --quiet . && echo "ruff: fine"
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-logo

format: $(VENV)/.ok-dev ## Put all code into our form
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix --quiet .

bench: $(VENV)/.ok-dev ## Measure the pages and the clockwork
	@$(PY) -m bench

chaos: $(VENV)/.ok-dev ## Break things for half an hour, ten minutes of it all at once, and judge the history
	@CHAOS=long $(PY) -m pytest -q -p no:cacheprovider $(or $(T),tests/chaos/test_storm.py tests/chaos)

door: $(VENV)/.ok-dev ## Try every operation as every kind of stranger, which `make test` does by turns
	@DOOR=all $(PY) -m pytest -q -n 2 -p no:cacheprovider tests/door

fuzz: $(VENV)/.ok-dev $(FUZZ)/.ok ## Try the whole API with made-up calls for up to an hour
	@FUZZ=long $(PY) -m pytest -q -rP -p no:cacheprovider tests/test_fuzzing.py

browser: $(VENV)/.ok-dev ## Make sure that there is a Chromium for the browser tests
	@tools/browser

messages: $(VENV)/.ok-dev ## Update the translation files from the sources
	@$(PY) manage.py translations

severity-model: $(VENV)/.ok-train ## Train the severity model anew, after a change of its cases
	@$(PY) -m severity.training

lock: $(VENV)/.ok-dev ## Resolve requirements/*.in into hashed locks (needs uv on the PATH)
	@for name in run dev train fuzz; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
			--no-annotate requirements/$$name.in --output-file requirements/$$name.txt $(LOCKFLAGS) || exit 1; \
	done

clean: ## Remove the virtual environment and the caches; var/ with its data stays
	@rm -rf $(VENV) $(FUZZ) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is written last: what an interrupted install left behind has none, and is made anew. An environment whose
# Python has gone (an upgrade of the system, a moved checkout) is made anew as well.
$(VENV)/.ok: requirements/run.txt tools/venv
	@tools/venv $(VENV)
	@echo "Installing what the portal runs on (about 20 s) …"
	@$(PIP) -r requirements/run.txt || { echo "Installing failed; the lines above say why. Repeat: make run" >&2; exit 1; }
	@touch $@

$(VENV)/.ok-dev: requirements/dev.txt requirements/run.txt tools/venv
	@tools/venv $(VENV)
	@echo "Installing what the portal runs on and is tested with (about 40 s) …"
	@$(PIP) -r requirements/dev.txt || { echo "Installing failed; the lines above say why. Repeat: make test" >&2; exit 1; }
	@touch $(VENV)/.ok $@

$(VENV)/.ok-train: requirements/train.txt $(VENV)/.ok-dev
	@echo "Installing what the severity model is trained with …"
	@$(PIP) -r requirements/train.txt || { echo "Installing failed; the lines above say why. Repeat: make severity-model" >&2; exit 1; }
	@touch $@

# Both, side by side: installing keeps one core busy.
environments: ## Install what the tests run on and are run with
	@$(MAKE) -s $(FUZZ)/.ok & fuzz=$$!; \
	$(MAKE) -s $(VENV)/.ok-dev && wait $$fuzz || { kill $$fuzz 2>/dev/null; exit 1; }

# Its packages fit neither those of the portal nor those of its tests, so they have an environment of their own.
$(FUZZ)/.ok: requirements/fuzz.txt tools/venv
	@tools/venv $(FUZZ)
	@echo "Installing what tries the API with made-up calls (about 20 s) …"
	@$(FUZZ)/bin/python $(INSTALL) -r requirements/fuzz.txt || { echo "Installing failed; the lines above say why. Repeat: make test" >&2; exit 1; }
	@touch $@
