# The verbs. Each is one line; `python -m autograder VERB` does the same on Windows.
SHELL := /bin/bash
# The first Python that is new enough, else any, whose age is then the answer.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python; do \
  $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && exit; done; echo python3)
PY := .venv/bin/python
export OMP_WAIT_POLICY ?= PASSIVE
VERBS := book test lab release grade submit torture speed new check mutate figures bundle fmt
# The options as typed after make (N=04): those of the shell's environment are not meant.
TYPED := $(filter-out PYTHON PY,$(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$v)))

.PHONY: help setup $(VERBS)
help:
	@"$(PYTHON)" -m autograder

$(VERBS): .venv/ready
	@$(PY) -m autograder $@ $(foreach v,$(TYPED),$v="$${$v}")

setup: .venv/ready

.venv/ready: constraints.txt pyproject.toml autograder/pyproject.toml
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' 2>/dev/null || { echo "✗ Chainrule needs Python 3.11 or newer, and $(PYTHON) is $$("$(PYTHON)" --version 2>&1 | head -1): install it, or name it with make PYTHON=/path/to/python3.11." >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv || { echo "✗ $(PYTHON) could not make the environment .venv: install its venv module (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Installing the course environment (a few minutes the first time) ..."
	@$(PY) -m pip install --disable-pip-version-check -c constraints.txt -e . -e ./autograder || { echo "✗ pip could not install the course environment. Its last lines above say why; without a network, connect and run make again: what is done stays done." >&2; exit 1; }
	@touch $@

.DEFAULT:
	@echo "✗ There is no verb '$@'. The verbs are: $(VERBS)." >&2; exit 1
