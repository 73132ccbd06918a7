# ticklake's commands. `make up` and `make test` do all the set-up on a fresh Debian machine.
.DEFAULT_GOAL := help
.PHONY: help up build test test-tsan test-histories test-kafka-tools test-clients fuzz soak bench lint format clean setup-%

NINJA_STATUS ?= [%f/%t]
export NINJA_STATUS

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 26

up: build ## build, then run the whole pipeline: live data in SQL and in the browser
	@exec build/ticklake up $(ARGS)

build: setup-build ## build the binary at build/ticklake
	@scripts/build.sh release

test: setup-$(if $(filter true,$(CI)),lint,test) ## every test, under AddressSanitizer and UBSan
	@scripts/test.sh

test-tsan: setup-test ## the unit tests under ThreadSanitizer
	@scripts/build.sh tsan
# Libraries that were not built for it (DuckDB, librdkafka) synchronise in ways that it cannot see.
	@cd build/tsan && TSAN_OPTIONS="ignore_noninstrumented_modules=1 report_mutex_bugs=0" \
	  ctest --output-on-failure --no-tests=error -L unit

test-histories: setup-test ## an hour of faults, histories checked (HISTORIES_SECONDS=…)
	@scripts/build.sh release ticklake
	@TICKLAKE=$(CURDIR)/build/release/ticklake \
	  TICKLAKE_HISTORIES_SECONDS=$${HISTORIES_SECONDS:-3600} \
	  /usr/bin/python3 -B tests/crash/histories_test.py

test-kafka-tools: setup-kafka ## Apache Kafka's own command-line tools against the binary
	@scripts/build.sh asan ticklake
	@TICKLAKE=$(CURDIR)/build/asan/ticklake python3 -B tests/tools/kafka_tools_test.py

test-clients: setup-clients ## every Kafka client and Kafka's tools against the binary (PyPI, Go, Maven)
	@scripts/test-clients.sh

fuzz: setup-fuzz ## each fuzz target for 60 seconds (FUZZ_SECONDS=…)
	@scripts/fuzz.sh $${FUZZ_SECONDS:-60}

soak: setup-fuzz ## what CI tries for minutes, for an hour, with fresh seeds (SOAK_MINUTES=…)
	@scripts/soak.sh

bench: setup-peers ## measure against the peers, on this machine (ONLY=s3, kafka, latency …)
	@scripts/build.sh release
	@scripts/build.sh bench
	@bench/run.sh $(ONLY)

lint: setup-lint ## formatting, clang-tidy and the rules of the house
	@scripts/lint.sh

format: setup-lint ## format the C++ sources in place
	@python3 -B tests/tidy/formatting.py --fix

setup-%:
	@scripts/setup.sh $*

clean: ## remove what was built (what was downloaded stays)
	@rm -rf build/release build/asan build/tsan build/bench build/fuzz build/ticklake
