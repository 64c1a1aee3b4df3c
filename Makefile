# make demo: set up and run the main job on 100,000 synthetic residents.
# make test: set up and pass the tests. Both work on a fresh clone with git, make and Python 3.11+.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
ROWS ?= 100000
SEED ?= 6212

SECONDS ?= 600

.PHONY: demo test plain slow lint types check bench docs site fuzz dist clean
.DEFAULT_GOAL := test

$(VENV)/.installed: pyproject.toml setup.py constraints.txt $(shell find src -name "*.pyx")
	@test -n "$(PYTHON)" || { echo "nikdedup needs Python 3.11 or newer; on Debian: apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[all,recordlinkage]" --group dev
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/nikdedup generate --rows $(ROWS) --seed $(SEED) --profile murung-raya --out demo/murung-raya.parquet
	$(BIN)/nikdedup dedupe demo/murung-raya.parquet --out demo/run
	$(BIN)/nikdedup evaluate demo/run demo/murung-raya.truth.parquet
	@echo "report: demo/run/report.html"

test: $(VENV)/.installed
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# The loops in numpy, where compiled ones are installed: the tests that stand nearest to them, a minute.
plain: $(VENV)/.installed
	NIKDEDUP_KERNELS=py $(BIN)/python -m pytest tests/columnar tests/residents/test_keys.py tests/residents/damage/test_excel_cut.py \
		tests/match/block tests/match/cluster tests/match/compare tests/match/features tests/match/score

# Every kill, full disk and race while a run is published; `make test` tries a tenth of them.
slow: $(VENV)/.installed
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell .

types: $(VENV)/.installed
	$(BIN)/mypy

check: lint types test

# Run the examples of the README and of docs/ and write what they print into them; write the pages that come from the code.
docs: $(VENV)/.installed
	$(BIN)/python scripts/readme.py
	$(BIN)/python scripts/reasons.py
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/gallery.py
	$(BIN)/python scripts/notebooks.py

# The documentation as pages that need no network; a link that leads nowhere is an error.
site: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# Broken inputs of every kind for ten minutes, or for SECONDS; what is found is kept under tests/cases/fuzz.
fuzz: $(VENV)/.installed
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(if $(FUZZ_SEED),--seed $(FUZZ_SEED))

# Wheel and source archive, as they are published; the source archive is built from in an environment of its own.
dist: $(VENV)/.installed
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m twine check --strict dist/*

bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build demo dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src -name '*.so' -delete
