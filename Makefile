.DEFAULT_GOAL := help
.PHONY: help setup run test bench clean
ARGS ?=
BIN := .venv/bin
# Where the system brings no Chromium that runs, set-up puts Playwright's there.
export CHROMIUM ?= $(wildcard $(BIN)/chromium)

help: ## List what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-6s %s\n", $$1, $$2}' Makefile

setup: ## Make .venv with everything, and install the system libraries that are missing
	@bash scripts/setup.sh

run: setup ## Start the server and print the address to open (options: make run ARGS="--port 9000")
	@$(BIN)/visavis serve $(ARGS) || [ $$? = 130 ] # Ctrl-C is how it ends

test: setup ## Check format, style, types and imports, then run the tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest $(ARGS)

bench: setup ## Measure the filter's latency on this machine, into out/latency.json
	@mkdir -p out
	@$(BIN)/visavis bench latency --json out/latency.json $(ARGS)

clean: ## Remove what was made here: .venv, caches, builds, results
	rm -rf .venv build dist out *.egg-info .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
