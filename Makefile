# SPDX-License-Identifier: MIT
# A thin front for meson, ninja and the scripts; nothing is decided here.
#
#   make            release build in build/
#   make demo       serve an ext4 image, read it back with other people's clients
#   make test       all tests        (TESTARGS="--suite nbd": some of them)
#   make test-vm    those that need a kernel and devices of their own: emulated
#   make check      what CI does     (JOBS="asan lint": some of it)
#   make bench      benchmarks beside their peers
#   make install    PREFIX=/usr/local DESTDIR=
#   make clean

BUILD = build
PREFIX = /usr/local
DESTDIR =
# make DEPS=true ... leaves the machine's packages alone
DEPS = scripts/deps

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || \
		{ echo "make: meson is missing; scripts/deps installs what the build needs" >&2; exit 1; }
	@meson setup $(BUILD) --buildtype=release -Doptimization=2 -Ddebug=true --prefix=$(PREFIX)

demo:
	@$(DEPS) --demo
	@$(MAKE) --no-print-directory build
	@scripts/demo

test:
	@$(DEPS) --test
	@$(MAKE) --no-print-directory build
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs $(TESTARGS)

test-vm:
	@$(DEPS) --vm
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@meson configure $(BUILD) -Dvm=true
	@ninja -C $(BUILD)
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs --suite vm $(TESTARGS)

check:
	@scripts/check $(JOBS)

bench:
	@$(DEPS) --bench
	@$(MAKE) --no-print-directory build
	@bench/all $(QUESTIONS)

install: $(BUILD)/build.ninja
	@meson configure $(BUILD) --prefix=$(PREFIX)
	@ninja -C $(BUILD)
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD) build-ci

.PHONY: build demo test test-vm check bench install clean
