.PHONY: help install demo test check unit engine peer upstream cluster cluster-demo benchmark crds
.DEFAULT_GOAL := help
export PATH := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/process-batch/bin:$(PATH)
VENV := .venv
PYTEST := $(VENV)/bin/pytest

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/installed: pyproject.toml uv.lock
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(VENV)/bin/uv || { python3 -m venv $(VENV) && $(VENV)/bin/pip install -q --disable-pip-version-check uv; }
	$(VENV)/bin/uv sync -q --locked --inexact --all-groups
	touch $@

install: $(VENV)/installed ## Install the project into .venv

demo: ## The main job on an embedded engine: fill it, run the sample Batches, show what became of them
	deploy/samples/demo

test: check prepare ## Everything, on a Debian 12 machine as root, two at a time
	$(MAKE) peer
	$(MAKE) --jobs=2 --output-sync=target upstream engine unit
	$(MAKE) cluster

check: install ## Formatter, linter, type checker, layers
	$(VENV)/bin/ruff format --check -q .
	$(VENV)/bin/ruff check -q .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports

unit: install ## Tests that need nothing
	$(PYTEST) -q tests/unit

prepare: install
	tests/prepare

engine: prepare ## The engine on SQLite and PostgreSQL
	$(PYTEST) -q tests/engine

peer: prepare ## The Java engine as the oracle, row by row; two workers, each with 3 GiB for its JVM
	$(PYTEST) -q tests/peer -n 2

upstream: prepare ## The Java engine's own tests with our engine underneath
	$(PYTEST) -q tests/upstream

cluster: prepare ## A real one-node cluster: operator, Jobs, kills
	$(PYTEST) -q tests/cluster

cluster-demo: prepare ## The sample Batches on the real one-node cluster
	$(VENV)/bin/python tests/cluster/demo.py

benchmark: prepare ## Ours, hand-written SQL and the Java engine's batch, side by side; WHAT="startup" measures that alone
	$(VENV)/bin/python tests/benchmarks/run.py $(WHAT)

crds: install ## Write crds/ from the models
	$(VENV)/bin/python -m batch_operator.resources.generate
