# Everything starts here, and each target prepares its own .venv: only make and Python 3.11 or newer are needed.

PORT ?= 8090
ARGS ?=

PYTHONS = python3 python3.14 python3.13 python3.12 python3.11 python
RECENT = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON = .venv/bin/python
INSTALL = $(PYTHON) -m pip --disable-pip-version-check install --quiet --require-hashes --requirement

# The demo and the tests see nothing of the caller's environment but this: a BOT_TOKEN lying about must not reach them.
KEPT = PATH HOME LANG LC_ALL TERM TMPDIR DISPLAY WAYLAND_DISPLAY XDG_RUNTIME_DIR BROWSER REQUIRE_POSTGRES REQUIRE_CHROMIUM REQUIRE_NODE REQUIRE_PHP NODE_EXTRA_CA_CERTS TEST_POSTGRES_URL STORIES CROWD
CLEAN = env -i $(foreach name,$(KEPT),$(if $($(name)),$(name)="$$$(name)"))

.PHONY: help demo run setup test check mutants bench soak format lock venv runtime development
.DEFAULT_GOAL := help

help: ## what can be asked for
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

# These two stay: with `exec` they are make's own child, so that a `kill` of make reaches them and leaves no port taken.
demo: runtime ## the whole shop in your browser: no token, no account (PORT=8090)
	@exec $(CLEAN) $(PYTHON) -m bot sandbox --port $(PORT) $(ARGS)

run: runtime ## the real bot, from .env
	@exec $(PYTHON) -m bot run $(ARGS)

setup: development ## prepare .venv, nothing else

PYTEST = -m pytest --numprocesses auto --dist worksteal --durations 10

# What is marked `measured` takes every line and branch of `services`, money and all; the rest need not pay for coverage.
test: development ## every test, on SQLite and on PostgreSQL where there is one (ARGS="tests/unit -k money")
ifneq ($(ARGS),)
	@$(CLEAN) $(PYTHON) $(PYTEST) $(ARGS)
else
	@rm -f .coverage .coverage.*
	@$(CLEAN) $(PYTHON) -m coverage run $(PYTEST) -m measured tests/unit tests/services
	@$(CLEAN) $(PYTHON) -m tests.covered
	@$(CLEAN) $(PYTHON) $(PYTEST) -m "not measured"
endif

check: development ## format, lint, types, contracts, README map, the laws of the tree
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@$(PYTHON) -m mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -m tests.readme
	@$(CLEAN) $(PYTHON) -m pytest --quiet tests/test_architecture.py

mutants: development ## breaks the design in a hundred places, one at a time: a test notices each (ARGS="refund")
	@$(CLEAN) $(PYTHON) -m tests.mutants $(ARGS)

bench: development ## how fast it is, each figure as a ratio to its floor measured in the same run
	@$(CLEAN) $(PYTHON) -m tests.bench $(ARGS)

soak: development ## kills the shop at every point and at random, counts what is lost; goes on where it ended (ARGS="--seconds 3600")
	@$(CLEAN) $(PYTHON) -m tests.soak $(ARGS)

format: development ## put code and README map in order
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@$(PYTHON) -m tests.readme --write

lock: development ## both lock files from pyproject.toml again (ARGS=--upgrade for newer versions)
	@$(PYTHON) -m pip --disable-pip-version-check install --quiet uv
	@$(PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--output-file requirements.lock pyproject.toml $(ARGS)
	@$(PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
		--group dev --output-file requirements-dev.lock pyproject.toml $(ARGS)

venv:
	@[ -x .venv/bin/pip ] && $(PYTHON) -c '$(RECENT)' 2>/dev/null || { \
		found= ; \
		for python in $(PYTHONS); do \
			"$$python" -c '$(RECENT)' 2>/dev/null || continue; \
			found=$$python; \
			"$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
			echo "Preparing .venv with $$("$$python" --version), once ..."; \
			"$$python" -m venv --clear .venv && exit 0; \
			echo "$$python could not make .venv; what it says is above." >&2; exit 1; \
		done; \
		if [ -n "$$found" ]; then \
			echo "$$found has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; \
		else \
			echo "Python 3.11 or newer is needed, and none was found on the PATH. See https://www.python.org/downloads/" >&2; \
		fi; exit 1; }

# A lock is installed when its copy in .venv is the same, byte for byte. The development lock holds the runtime one.
runtime: venv
	@cmp -s requirements.lock .venv/requirements.lock || { \
		echo "Installing $$(grep -c '==' requirements.lock) packages, each checked against its hash (a minute at most) ..."; \
		$(INSTALL) requirements.lock && cp requirements.lock .venv/ && echo "Ready."; }

development: venv
	@cmp -s requirements-dev.lock .venv/requirements-dev.lock || { \
		echo "Installing $$(grep -c '==' requirements-dev.lock) packages for development, each checked against its hash ..."; \
		$(INSTALL) requirements-dev.lock && cp requirements.lock requirements-dev.lock .venv/ && echo "Ready."; }
