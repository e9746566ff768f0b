# The verbs. Each is one line; `python -m autograder VERB` does the same on Windows.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
PY := .venv/bin/python
export OMP_WAIT_POLICY ?= PASSIVE
VERBS := book test lab release grade new check mutate bundle fmt

.PHONY: $(VERBS) setup
$(VERBS): .venv/ready
	@$(PY) -m autograder $@

setup: .venv/ready

.venv/ready: constraints.txt pyproject.toml autograder/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Chainrule needs Python 3.11 or newer, and this is %d.%d: install it, or name it with make PYTHON=/path/to/python3.11." % sys.version_info[:2])'
	@$(PYTHON) -m venv .venv
	@echo "Installing the course environment (a few minutes the first time) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . -e ./autograder
	@touch $@
