# make demo: install what is missing and start the page and the dashboard · make test: install and run all checks
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7860

.PHONY: demo app dashboard test lint clean

demo: .venv/app
	$(BIN)/python -m mm_core demo --port $(PORT)

app: .venv/app
	$(BIN)/python app.py --port $(PORT)

dashboard: .venv/app
	$(BIN)/python -m mm_core dashboard

test: .venv/dev lint
	$(BIN)/python -m pytest

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/app: requirements.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt -c constraints.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c constraints.txt
	@touch $@ .venv/app

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
