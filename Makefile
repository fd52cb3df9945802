# Everything here sets itself up: `make demo` and `make test` need only make and python3 (3.11 or newer).
PYTHON ?= python3
UV ?= uv
WORKERS ?= 2
SPARK_ROWS ?= 1000000
ROWS ?= 1000000 10000000 100000000
LEADS ?= 20000
NIGHT_ROWS ?= 1000000 10000000 100000000
RESUME ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet --no-input
EDITABLE := $(PIP) install --no-build-isolation --no-deps --editable .
SQL := $(shell find detectors -name '*.sql' 2>/dev/null | sort)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
export DO_NOT_TRACK := 1

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/run.stamp ## Run the whole product on data_samples/ into ./workspace
	@$(BIN)/exam-audit demo

.PHONY: test
test: check browser ## Check the code, then run every test
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

.PHONY: check
check: $(VENV)/dev.stamp ## Lint, types, import order, SQL
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(MAKE) --jobs $(WORKERS) check-types check-sql check-imports
	@echo "check: ruff, mypy, import-linter and sqlfluff found nothing"

.PHONY: check-types check-sql check-imports
check-types: $(VENV)/dev.stamp
	@$(BIN)/mypy --no-error-summary

check-sql: $(VENV)/dev.stamp
	@$(if $(SQL),$(BIN)/sqlfluff lint --nocolor --disable-progress-bar $(SQL) > $(VENV)/sqlfluff.txt || { cat $(VENV)/sqlfluff.txt; exit 1; },:)

check-imports: $(VENV)/dev.stamp
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.txt || { cat $(VENV)/lint-imports.txt; exit 1; }

.PHONY: accuracy
accuracy: $(VENV)/dev.stamp ## Run the full accuracy campaign (many seeds) and print its tables
	@EXAM_AUDIT_CAMPAIGN=full $(BIN)/python -m pytest -q -s tests/accuracy

.PHONY: bench
bench: $(VENV)/dev.stamp ## Measure ingest and the audit beside yardsticks (ROWS="1000000" for a short look, all takes an hour and a half and 60 GB); writes tests/benchmarks/RESULTS.md
	@$(BIN)/python tests/benchmarks/bench_ingest.py
	@$(MAKE) bench-audit
	@$(BIN)/python tests/benchmarks/bench_report.py --leads $(LEADS)

.PHONY: bench-audit
bench-audit: $(VENV)/dev.stamp ## Measure the audit alone (ROWS as for bench; RESUME=--resume goes on with a campaign that was cut off)
	@$(BIN)/python tests/benchmarks/bench.py --rows $(ROWS) $(RESUME) --only '*' startup
	@$(BIN)/python tests/benchmarks/bench_incremental.py --rows $(NIGHT_ROWS)
	@$(BIN)/python tests/benchmarks/bench_incremental.py --rows 10000000 --nights 12
	@$(BIN)/python tests/benchmarks/spark_equality.py --rows 200000 1000000 --results tests/benchmarks/RESULTS.md

.PHONY: spark-equality
spark-equality: $(VENV)/dev.stamp ## Compare Spark with DuckDB over a million generated lines (SPARK_ROWS=...)
	@$(BIN)/python tests/benchmarks/spark_equality.py --rows $(SPARK_ROWS)

.PHONY: fuzz
fuzz: $(VENV)/dev.stamp ## Run the whole fuzz campaign over ingest and print its figures
	@EXAM_AUDIT_CAMPAIGN=full $(BIN)/python -m pytest -q -s tests/pipelines/ingest/test_fuzz.py

.PHONY: docs
docs: $(VENV)/dev.stamp ## Rewrite the generated pages
	@$(BIN)/python -m schemas.dictionary
	@$(BIN)/python -m detectors.catalogue_page

# pip takes name[extra] and name for two things, and where only one of them is pinned it asks the index for the other.
define PIN_PLAIN_TOO
function put() { if (head != "") { plain = head; sub(/\[[^]]*\]/, "", plain); printf "%s\n%s%s\n%s", plain, body, head, body } head = "" }
/^[A-Za-z0-9._-]+\[/ { put(); head = $$0; body = ""; next }
head != "" && /^    --hash/ { body = body $$0 "\n"; next }
{ put(); print }
END { put() }
endef
export PIN_PLAIN_TOO

.PHONY: lock
lock: ## Resolve both lock files anew (needs uv)
	@command -v $(UV) > /dev/null || { echo "make lock needs uv: python3 -m pip install uv, or UV=/path/to/uv"; exit 1; }
	@for lock in "requirements.lock --extra build" "requirements-dev.lock --extra dev -c requirements.lock"; do \
		set -- $$lock; file=$$1; shift; \
		$(UV) pip compile pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
			--no-header --quiet --no-strip-extras "$$@" > $$file.new && \
		awk "$$PIN_PLAIN_TOO" $$file.new > $$file.pinned && mv $$file.pinned $$file && rm $$file.new || exit 1; \
	done

.PHONY: clean
clean: ## Remove the venv and caches; workspaces stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# One stamp for what a run needs, one for what tests need. The second holds the first: nothing is installed twice.
$(VENV)/run.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "setup: installing the locked requirements"
	@$(PIP) install --requirement requirements.lock
	@$(EDITABLE)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "setup: installing the locked requirements for tests"
	@$(PIP) install --requirement requirements-dev.lock
	@$(EDITABLE)
	@touch $(VENV)/run.stamp $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "exam-audit needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "setup: making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make a venv here; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

.PHONY: browser
browser:
	@if ! { command -v chromium || command -v chromium-browser || command -v google-chrome; } > /dev/null \
		|| ! fc-list :lang=zh 2> /dev/null | grep -q .; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			echo "setup: installing chromium and fonts-noto-cjk"; \
			apt-get update -qq > /dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
				--no-install-recommends chromium fonts-noto-cjk fontconfig > /dev/null; \
		else \
			echo "The tests open pages in Chromium with a Chinese font. Please install both, for example:"; \
			echo "    sudo apt-get install chromium fonts-noto-cjk fontconfig"; \
			exit 1; \
		fi; \
	fi
