# `make` alone lists the targets. What they need is installed into .venv at the pinned versions.

PYTHON ?= python3
# /dev/null takes the newest versions that pyproject.toml allows, as Python 3.10 has to.
CONSTRAINTS ?= constraints.txt
BIN := .venv/bin
# Python compiles what is imported when it is: most of what is installed never is.
INSTALL := pip install --disable-pip-version-check --quiet --no-compile
# It keeps what it has compiled, also where the environment says not to: the tests start many
# processes, and compiling what each of them imports takes longer than the tests do.
export PYTHONDONTWRITEBYTECODE :=
# The slowest tests are listed, so that it shows where time goes.
SLOWEST := --durations=20 --durations-min=1
# A change to any of these changes what is installed, or the saved parser the build writes.
INSTALL_INPUTS := pyproject.toml constraints.txt hatch_build.py grammar/lrs.lark \
	lrdsl/text/grammar.py lrdsl/text/build.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test coverage test-wheel test-trainers logs lint format docs playground goldens oracles bench fuzz mutation clean vscode try-vscode release

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.demo ## draw a schedule, then train a network under it and at a constant rate (writes demo.png)
	$(BIN)/lrdsl preview examples/d2l_cosine.lrs
	$(BIN)/python examples/train_digits.py

test: lint ## lint, then run all tests
	$(BIN)/python -m pytest -n auto $(SLOWEST)

# Following every line takes longer than running it.
coverage: .venv/.test ## run all tests and measure the branches they take (at least 97 %)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term-missing:skip-covered

test-wheel: .venv/.test ## build the wheel and test what an installation can change, with the oldest lark, click and pydantic
	$(BIN)/python -m tools.wheel

test-trainers: .venv-trainers/.trainers ## train with Lightning, transformers, Accelerate, DeepSpeed, Megatron, torchtitan, Keras and others
	HF_HUB_OFFLINE=1 .venv-trainers/bin/python -m pytest $(SLOWEST) tests/trainers

# With LRDSL_UPDATE_GOLDENS=1 they are stored instead.
logs: .venv-trainers/.trainers ## make the runs of examples/logs again and compare their logs with the stored ones
	HF_HUB_OFFLINE=1 .venv-trainers/bin/python -m tests.trainers.recording

lint: .venv/.test ## check format, style and types, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lrdsl fmt --check lrdsl/prelude.lrs

format: .venv/.test ## rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/lrdsl fmt lrdsl/prelude.lrs

docs: .venv-docs/.docs ## build the site of docs/ in build/site, and check its links and formulas (needs npm)
	.venv-docs/bin/python -m tools.site

playground: .venv/.test ## build the playground in build/playground/site, print its size and start-up (needs npm)
	$(BIN)/python -m tools.playground

goldens: .venv/.test ## rewrite everything derived: golden files, the page of shapes, the gallery
	$(BIN)/python -m tools.pages
	LRDSL_UPDATE_GOLDENS=1 $(BIN)/python -m pytest -q -n auto tests/diagnostics tests/preview tests/cli tests/frameworks tests/text

vscode: ## build the extension for VS Code in build/vscode (needs npm)
	$(PYTHON) -m tools.editors

try-vscode: .venv/.test ## try it in a real VS Code, and take screenshots to look at (minutes; needs npm and Chromium)
	$(BIN)/python -m tools.editors.trial

# With LRDSL_UPDATE_GOLDENS=1 they are written instead.
oracles: .venv-peers/.peers ## compare the stored curves, and what is imported, with the packages of other systems
	.venv-peers/bin/python -m tests.oracles.peers
	.venv-peers/bin/python -m tests.oracles.moves
	.venv-peers/bin/python -m tests.oracles.proofs
	.venv-peers/bin/python -m tests.oracles.bases

bench: .venv-peers/.peers ## measure everything next to what could be used instead (writes docs/explanation/benchmarks.md)
	.venv-peers/bin/python -m tests.benchmarks

# WITHOUT takes some of: site extension torch.
release: .venv/.test ## build TAG=v0.1.0 from a fresh clone in build/release, install it on every Python at hand (needs npm)
	$(BIN)/python -m tools.release $(TAG:%='%') $(ADDRESS:%=--address '%') $(WITHOUT:%=--without %)

SECONDS ?= 60
fuzz: .venv/.fuzz ## look for texts, states, logs and configs that break something, for SECONDS=60 each
	for target in text state log config; do $(BIN)/python -m tests.fuzz $$target $(SECONDS) || exit 1; done

MUTANTS ?= *
mutation: .venv/.mutation ## change the code in small ways, print the share that a test notices (hours; the rest: build/mutation.diff)
	$(BIN)/mutmut run '$(MUTANTS)'
	$(BIN)/python -m tools.mutation

clean: ## remove the environments and everything built or cached
	rm -rf .venv .venv-peers .venv-trainers .venv-docs build dist mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis htmlcov
	rm -f demo.png lrdsl/text/lrs.parser .coverage .coverage.*
	find lrdsl tests tools examples -name __pycache__ -prune -exec rm -rf {} +

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv

# One stamp for each extra: .venv/.demo and .venv/.test.
.venv/.%: .venv/pyvenv.cfg $(INSTALL_INPUTS)
	@echo "Installing lrdsl[$*] into .venv; the first time takes a few minutes."
	$(BIN)/python -m $(INSTALL) -c $(CONSTRAINTS) -e '.[$*]'
	@touch $@

# Their schedulers need nothing of what they depend on but torch, addict, platformdirs and yapf.
PEERS_ALONE := addict ai2-olmo ai2-olmo-core axolotl cython llm-foundry megatron-core mmengine \
	mosaicml nemo_toolkit platformdirs rl_zoo3 stable-baselines3 timm torchtitan wheel yapf
# Apart from .venv, so that what the tests run with stays small and its versions its own.
.venv-peers/.peers: pyproject.toml constraints-peers.txt
	@echo "Installing transformers, optax, timm and others into .venv-peers."
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m $(INSTALL) -c constraints-peers.txt -e '.[peers]'
	.venv-peers/bin/python -m $(INSTALL) -c constraints-peers.txt --no-deps $(PEERS_ALONE)
	MMCV_WITH_OPS=0 .venv-peers/bin/python -m $(INSTALL) -c constraints-peers.txt --no-deps --no-build-isolation mmcv
	for version in 0.1.0 0.2.0 0.2.2; do .venv-peers/bin/python -m $(INSTALL) \
		--no-deps --target .venv-peers/torchtitan-$$version torchtitan==$$version || exit 1; done
# Of these only the files of schedules are loaded: nothing is compiled.
	DS_BUILD_OPS=0 READTHEDOCS=1 .venv-peers/bin/python -m $(INSTALL) -c constraints-peers.txt --no-deps --no-build-isolation deepspeed fairseq
	@touch $@

# The trainers are large, and need versions of their own too.
.venv-trainers/.trainers: $(INSTALL_INPUTS) constraints-trainers.txt
	@echo "Installing lrdsl[trainers] into .venv-trainers; the first time takes a few minutes."
	$(PYTHON) -m venv .venv-trainers
	.venv-trainers/bin/python -m $(INSTALL) -c constraints-trainers.txt -e '.[trainers]'
	.venv-trainers/bin/python -m $(INSTALL) -c constraints-trainers.txt --no-deps axolotl megatron-core torchtitan
# What looks for it would import it, so that it is found by its tests alone. Nothing is compiled.
	DS_BUILD_OPS=0 .venv-trainers/bin/python -m $(INSTALL) -c constraints-trainers.txt --no-deps --no-build-isolation --target .venv-trainers/apart deepspeed
	@touch $@

# What builds the site has versions of its own, and needs neither torch nor numpy.
.venv-docs/.docs: $(INSTALL_INPUTS) constraints-docs.txt
	@echo "Installing lrdsl[docs] into .venv-docs."
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m $(INSTALL) -c constraints-docs.txt -e '.[docs]'
	@touch $@
