# Every target sets up what it needs. Uses the active environment, else .venv.
ENV := $(or $(VIRTUAL_ENV),$(CONDA_PREFIX),$(CURDIR)/.venv)
PYTHON := $(ENV)/bin/python
CODE := ssltoolbox tests tools configs benchmarks setup.py

.PHONY: setup demo test lint typecheck clean

setup:  ## make .venv and install everything
	@bash tools/setup_env.sh

demo: setup  ## few labels against few labels and unlabelled images, with pictures
	@$(PYTHON) tools/demo.py $(ARGS)

test: setup  ## the whole suite; ARGS='-k name' for a part
	@$(PYTHON) -m pytest -q $(ARGS)

lint: setup
	@$(PYTHON) -m ruff check $(wildcard $(CODE))
	@$(PYTHON) -m ruff format --check $(wildcard $(CODE))

typecheck: setup
	@$(PYTHON) -m mypy

clean:  ## caches and build folders; data, work_dirs and .venv stay
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache demo_output
	find ssltoolbox tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
