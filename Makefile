# One verb each; scripts/ does the work. `make help` lists the verbs.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run demo smoke test test-llm bench corpus fuzz superset eval lint build install migrate psql stop status logs samples fmt clean

help: ## lists the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Settings: RAPPORT_HOME, RAPPORT_PG_PORT, RAPPORT_HTTP_PORT, RAPPORT_TEST_PG_PORT, PG_CONFIG (see CONTRIBUTING.md)"

run: ## installs what is missing, builds, migrates, imports the sample, serves until Ctrl-C
	@scripts/run

demo: ## the same as run, but ends after showing the result
	@RAPPORT_NO_SERVE=1 scripts/run

smoke: ## make run from its first start to Ctrl-C, checked
	@scripts/smoke

test: ## every test, or LAYER=crates|extension|server|scripts
	@scripts/test $(LAYER)

test-llm: ## the extension with a real language model on this machine; downloads 130 MB once
	@scripts/test-llm

bench: ## imports and statistics against their peers, about 15 minutes; scripts/bench takes rows and rounds
	@scripts/bench

corpus: ## more than 10 000 hostile files, and kill -9 during imports, against the release
	@scripts/corpus

fuzz: ## each fuzz target for a minute
	@scripts/fuzz

superset: ## Apache Superset on the views of bi: a dashboard, its numbers checked, its picture for docs/bi.md
	@scripts/superset

eval: ## retrieval and answers against labelled questions; docs/retrieval.md has the figures
	@scripts/eval

lint: ## fmt, clippy, cargo-deny, squawk, hadolint, shellcheck, the labels of eval/
	@scripts/lint

build: ## the release: the program, and the extension in the private PostgreSQL
	@scripts/build

install: ## only installs what is missing
	@scripts/install

migrate: ## builds and migrates the private database
	@scripts/migrate

psql: ## psql in the private database (scripts/psql takes psql's arguments)
	@scripts/psql

stop: ## stops whatever of this state folder still runs
	@scripts/stop

status: ## tells what is installed and what runs
	@scripts/status || [ $$? -eq 3 ]

logs: ## follows the private server's log
	@scripts/logs

samples: ## writes the sample files anew
	@scripts/samples

fmt: ## formats the Rust code
	@cargo fmt --all

clean: ## stops everything and removes the state folder
	@scripts/clean
