# SPDX-License-Identifier: GPL-2.0
# For people; Kbuild has the objects.

KDIR ?= /lib/modules/$(shell uname -r)/build
MANDIR ?= /usr/local/share/man

modules: ## build ocloop.ko for KDIR (default: the running kernel)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

install: modules ## install it below /lib/modules of KDIR's kernel, and ocloop(4)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	install -D -m 644 doc/ocloop.4 $(DESTDIR)$(MANDIR)/man4/ocloop.4

clean: ## remove what was built
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	rm -rf build

demo: ## boot a VM and show the whole way: load, connect, pblk, ext4, fio
	scripts/demo.sh

check: ## run all tests (half an hour; CI runs this)
	scripts/check.sh

check-long: ## the same at length, on both kernels, and soaks (a night)
	scripts/check.sh long

check-quick: ## static checks, KUnit and a smoke test
	scripts/check.sh quick

bench: ## compare with null_blk, nvme-loop and QEMU's device in one VM (long)
	scripts/bench.sh

bench-quick: ## the same in about three minutes
	scripts/bench.sh quick

static: ## checkpatch, sparse, W=1, 32 bits, kernel-doc, shellcheck, layers
	scripts/static.sh

kunit: ## KUnit suites, natively in user-mode Linux
	scripts/check.sh kunit

kcsan: ## look for data races, on a kernel with KCSAN (long; not part of check)
	scripts/kcsan.sh

conformance: ## every command in every chunk state, one line each, in a VM
	scripts/check.sh conformance

fuzz: ## random commands and a model: SEED=, COUNT= (debug kernel)
	SEED=$(SEED) COUNT=$(COUNT) scripts/check.sh fuzz

vm-shell: ## a shell in a VM with the module loaded
	scripts/vm-shell.sh

dkms-install: ## hand the module to DKMS for the running kernel
	scripts/dkms.sh install

dkms-test: ## DKMS life cycle against the test kernel, in trees of its own
	scripts/dkms.sh test

help: ## this text
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

.PHONY: modules install clean demo bench bench-quick check check-long check-quick static kunit kcsan \
	conformance fuzz vm-shell \
	dkms-install dkms-test help
