# Every target sets itself up: `make demo` and `make test` are the only commands a newcomer needs.
.DEFAULT_GOAL := help
.PHONY: help setup training demo app test quick nightly interop check format bench parts coverage \
	android-check android-stage clean

bin := .venv/bin

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## make .venv ready (idempotent; installs missing system packages where allowed)
	@scripts/setup.sh

training: setup  ## torch as well, where a build without graphics cards is to be had
	@scripts/training.sh

demo: setup  ## the main job: real nodes on loopback, a list with reasons for each ego, then an attack
	@$(bin)/web3rec demo

app: setup  ## the phone's app in a window, as one person of MovieLens with live peers on loopback
	@$(bin)/python -m mobile

test: training  ## the whole default suite
	@$(bin)/python -m pytest -n 2 -q

quick: setup  ## the suite without slow and network tests
	@$(bin)/python -m pytest -n 2 -q -m "not slow and not network and not nightly"

nightly: training  ## everything, with the nightly Hypothesis profile
	@HYPOTHESIS_PROFILE=nightly $(bin)/python -m pytest -n 2 -q --nightly

interop: setup  ## js-libp2p, from npm, gossips and syncs with our node; needs Node 20 or later
	@cd interop/js && npm install --no-audit --no-fund --no-package-lock
	@$(bin)/python -m pytest tests/interop -q

check: setup  ## ruff, mypy strict, import contracts
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/lint-imports --no-cache

format: setup  ## let ruff mend what it can
	@$(bin)/ruff check --fix .
	@$(bin)/ruff format .

bench:  ## speed and memory beside other libraries, on this machine: build/bench.json, two plots
	@scripts/setup.sh bench
	@$(bin)/python -m benchmarks --out build --hetrec ../shared/data/hetrec2011-lastfm/hetrec2011-lastfm-2k.zip

parts: setup  ## speed of the parts, one by one (pytest-benchmark)
	@$(bin)/python -m pytest benchmarks -q -p no:randomly --benchmark-only --override-ini testpaths=benchmarks

coverage: training  ## branch coverage of the default suite
	@$(bin)/coverage erase
	@$(bin)/coverage run -m pytest -n 2 -q
	@$(bin)/coverage combine -q
	@$(bin)/coverage report

android-check: setup  ## all that can be said of the Android package without an SDK, offline
	@$(bin)/python -m mobile.packaging check

android-stage: setup  ## what ships on Android, copied to build/android/app for buildozer
	@$(bin)/python -m mobile.packaging stage

clean:  ## remove .venv and caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
