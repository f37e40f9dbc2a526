# make run: the dashboard on the shipped data. make test: every test, browser and all.
# make check: lint and test, which is what CI runs.
# Another workspace: DATA=folder CONTRACT=datapackage.json make run. Another port: PORT=8600 make run.

PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= localhost
BIN := .venv/bin

.PHONY: run load check test coverage lint bench clean

run: .venv/run load
	$(BIN)/streamlit run dashboard/server.py --server.port=$(PORT) --server.address=$(ADDRESS)

load: .venv/run
	$(BIN)/python -m dashboard load

check: lint test

test: .venv/dev .venv/browser
	$(BIN)/pytest -n 2 --dist worksteal

# Apart from make test: counting lines makes tests take about a third longer. No gate.
coverage: .venv/dev .venv/browser
	$(BIN)/pytest -n 2 --dist worksteal --cov=dashboard --cov-report=term:skip-covered

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: .venv/dev .venv/browser
	$(BIN)/python -m benchmarks

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# An installed Chromium or Chrome, else the system's package of it.
.venv/browser: | .venv/dev
	$(BIN)/python tests/browser.py || sh tests/install-browser.sh
	$(BIN)/python tests/browser.py
	touch $@

# What can be made again. Stories cannot: they stay, until somebody deletes them by hand.
clean:
	rm -rf .venv
	[ ! -d warehouse ] || find warehouse -type f ! -name 'stories.sqlite*' -delete
