# The commands of the house; `make help` lists them. CMake and Ninja do the building.
PRESET ?= release
TARGETS ?= forebay forebay_arrow forebay_parquet
BUILD := build/$(PRESET)
SANITIZE ?=
VENV := .venv
TEST_VENV := .venv-test
OLDEST_VENV := .venv-oldest
PACKAGES := build-essential cmake ninja-build ccache pkg-config python3-venv \
  clang clang-format clang-tidy libgrpc-dev protobuf-compiler protobuf-c-compiler libprotobuf-c-dev \
  libsimdjson-dev liblz4-dev libzstd-dev zlib1g-dev libbz2-dev libxxhash-dev libpcre2-dev libicu-dev \
  libutf8proc-dev libjansson-dev libcmocka-dev tzdata
TEST_PACKAGES := openjdk-17-jre-headless
FUZZ_PACKAGES := libclang-rt-dev
SECONDS := 60
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help setup build demo test asan tsan test-setup unit e2e format format-check tidy check bench fuzz clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: build ## everything from nothing: install, build, and run the word count with a feed of its own
	$(VENV)/bin/python tools/demo $(BUILD)/forebay

test: TARGETS = all
test: build test-setup $(SANITIZE) ## all tests; SANITIZE="asan tsan": those without Spark under sanitizers too
	tools/test $(BUILD) $(foreach s,$(SANITIZE),--$(s) build/$(s))

asan tsan:
	$(MAKE) build PRESET=$@ TARGETS="$(if $(filter asan,$@),all,forebay forebay_arrow)"

setup: $(VENV)/.done ## system packages and the Python environment with the PySpark client

# Packages that are there already are not asked for again, so that a machine without root can build.
.PHONY: packages
packages:
	@missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  $(SUDO) apt-get update -q && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends $$missing; \
	fi

$(VENV)/.done: requirements.txt | packages
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install -q --disable-pip-version-check -r requirements.txt
	touch $@

build: setup ## the program, build/release/forebay
	cmake --preset $(PRESET) -DPython3_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python > /dev/null
	cmake --build --preset $(PRESET) --target $(TARGETS)

test-setup: $(TEST_VENV)/.done $(OLDEST_VENV)/.done ## real Spark, Java, pytest and the oldest client, for the tests only

.PHONY: test-packages
test-packages:
	@if ! java -version >/dev/null 2>&1; then \
	  $(SUDO) apt-get update -q && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends $(TEST_PACKAGES); \
	fi

$(TEST_VENV)/.done: requirements-test.txt | test-packages
	python3 -m venv $(TEST_VENV)
	$(TEST_VENV)/bin/pip install -q --disable-pip-version-check -r requirements-test.txt
	touch $@

$(OLDEST_VENV)/.done: requirements-oldest.txt | packages
	python3 -m venv $(OLDEST_VENV)
	$(OLDEST_VENV)/bin/pip install -q --disable-pip-version-check -r requirements-oldest.txt
	touch $@

unit: TARGETS = all
unit: build ## C unit tests only
	ctest --test-dir $(BUILD) --output-on-failure -j 2

format: ## clang-format on all sources
	git ls-files '*.c' '*.h' '*.cc' | xargs clang-format -i

format-check:
	git ls-files '*.c' '*.h' '*.cc' | xargs clang-format --dry-run -Werror

tidy: build ## clang-tidy
	git ls-files 'src/*.c' | xargs -P 2 -n 8 clang-tidy -p $(BUILD) --quiet

check: format-check ## format, layers, banned calls
	tools/check-layers
	tools/checksrc

bench: build test-setup ## a table beside Spark and DuckDB on the same data
	$(TEST_VENV)/bin/python bench/run.py $(BUILD)/forebay

.PHONY: fuzz-packages
fuzz-packages:
	@if ! echo 'int main(void) { return 0; }' | clang -fsanitize=address -x c -o /dev/null - 2>/dev/null; then \
	  $(SUDO) apt-get update -q && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -q --no-install-recommends $(FUZZ_PACKAGES); \
	fi

fuzz: setup fuzz-packages ## libFuzzer on every parser of outside bytes, SECONDS=60 each
	cmake --preset fuzz -DPython3_EXECUTABLE=$(CURDIR)/$(VENV)/bin/python > /dev/null
	cmake --build --preset fuzz --target fuzzers forebay_arrow
	tools/fuzz build/fuzz $(SECONDS)

clean: ## removes what was built
	rm -rf build
