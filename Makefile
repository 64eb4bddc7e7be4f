# Every target sets up what it needs. Uses the active environment, else .venv.
ENV := $(or $(VIRTUAL_ENV),$(CONDA_PREFIX),$(CURDIR)/.venv)
PYTHON := $(ENV)/bin/python
CODE := ssltoolbox tests tools configs benchmarks docs setup.py

.PHONY: setup demo test docs lint typecheck clean

setup:  ## make .venv and install everything
	@bash tools/setup_env.sh

demo: setup  ## few labels against few labels and unlabelled images, with pictures
	@$(PYTHON) tools/demo.py $(ARGS)

test: setup  ## the whole suite, a process per core; ARGS='-k name' for a part
	@$(PYTHON) -m pytest -q -n auto --maxprocesses 4 --dist worksteal $(ARGS)

docs:  ## the documentation as a site in build/docs; a warning is an error
	@bash tools/setup_env.sh docs
	@$(PYTHON) -m pytest -q tests/docs tests/test_doctests.py
	@rm -rf build/docs
	@$(PYTHON) -m sphinx -q -W --keep-going -E -c docs . build/docs
	@echo 'The documentation: build/docs/index.html'

lint: setup
	@$(PYTHON) -m ruff check $(wildcard $(CODE))
	@$(PYTHON) -m ruff format --check $(wildcard $(CODE))

typecheck: setup
	@$(PYTHON) -m mypy

clean:  ## caches and build folders; data, work_dirs and .venv stay
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache demo_output
	find ssltoolbox tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
