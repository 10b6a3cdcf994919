# `make` lists what there is. Nothing but Python 3.11+ and make is needed to begin.

PYTHON ?= python3
BIN := .venv/bin
# `make run PORT=9000`: see docs/configuration.md for these and all other settings.
export HOST PORT BIND
ARGS ?=
FAULTS := $(if $(MINUTES),--minutes $(MINUTES)) $(if $(WRITERS),--writers $(WRITERS)) \
	$(if $(SEED),--seed $(SEED)) $(if $(SHARES),--shares "$(SHARES)")

.DEFAULT_GOAL := help
.PHONY: help run dev db seed test check lock vendor words bench faults audit clean environment tools

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: db ## Install, prepare the data and serve on 127.0.0.1:8000
	@exec $(BIN)/gunicorn wsgi:app

dev: export CHATAPP_ENV = development
dev: db ## The same with reload and a debugger, for working on the code
	@exec $(BIN)/flask run --debug --host "$${HOST:-127.0.0.1}" --port "$${PORT:-8000}"

db: environment ## Bring the database to the newest schema
	@$(BIN)/python scripts/schema.py

seed: db ## Fill an empty workspace with a demonstration
	@$(BIN)/flask seed

test: tools ## Run all tests (ARGS="-k rooms" for some)
	@$(BIN)/python -m pytest -n auto --database=both $(ARGS)

check: tools ## Everything that CI runs; the last step is `make test`
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/ty check
	$(BIN)/lint-imports
	$(BIN)/djlint chatapp/templates --lint --quiet
	$(BIN)/codespell
	$(BIN)/python scripts/browser_code.py
	$(BIN)/python -m pytest tests/architecture tests/test_migrations.py --database=both
	@$(MAKE) --no-print-directory test

lock: tools ## Resolve the dependencies anew and write the hash-pinned locks
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --quiet --frozen --no-emit-project --no-default-groups --all-extras --no-extra test --format requirements-txt -o requirements.lock
	$(BIN)/uv export --quiet --frozen --no-emit-project --all-extras --format requirements-txt -o requirements-dev.lock

vendor: tools ## Fetch the browser modules anew that package.json pins (needs npm)
	$(BIN)/python scripts/vendor.py

words: tools ## Bring the translations up to date with the sources, and compile them
	$(BIN)/python scripts/words.py

audit: tools ## Ask an advisory service about the packages as they would be locked now (needs the network)
	$(BIN)/uv audit

bench: tools ## Measure, and compare with other servers (ROWS="posts pages" for some)
	$(BIN)/python -m benchmarks $(ARGS) $(ROWS)

faults: tools ## Break things while people chat, and check that nothing is lost (MINUTES=60 for longer)
	@$(BIN)/python -m tests.faults.long_round $(FAULTS) $(ARGS)

clean: ## Remove what was installed and cached; the instance folder stays
	rm -rf .venv node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# `make run PYTHON=python3.13`: who names one gets that one, in place of the one that is there.
environment tools: export CHATAPP_PYTHON_NAMED := $(filter command environment,$(origin PYTHON))

environment:
	@$(PYTHON) scripts/environment.py run

tools:
	@$(PYTHON) scripts/environment.py dev
