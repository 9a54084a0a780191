# Every target is a command of bin/dev, which sets up what it needs first.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# option,VARIABLE: "--option value" when the variable is set
option = $(if $($(2)),--$(1) "$($(2))")

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\): ## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: demo
demo: ## serve a database with demo data [PORT=8069 | DINGTALK=1]
	@bin/dev demo $(call option,port,PORT) $(if $(DINGTALK),--dingtalk)

.PHONY: test
test: ## run all tests, or some [ADDON=… | TAGS=… | PYTEST=tests/…] [KEEP=1]
	@bin/dev test $(call option,addon,ADDON) $(call option,tags,TAGS) \
		$(call option,pytest,PYTEST) $(if $(KEEP),--keep)

.PHONY: lint
lint: ## check style, structure and licences
	@bin/dev lint

.PHONY: format
format: ## rewrite the files as the formatters want them
	@bin/dev format

.PHONY: bench
bench: ## compare with plain SQL [SIZE=…] [JSON=file]
	@bin/dev python tests/bench/run.py $(call option,size,SIZE) $(call option,json,JSON)

.PHONY: test-core
test-core: ## run core's own tests with and without our addons
	@bin/dev test-core

.PHONY: pot
pot: ## export the terms to translate [ADDON=…]
	@bin/dev pot $(call option,addon,ADDON)

.PHONY: shots
shots: ## take the pictures of the documentation
	@bin/dev python tests/shots.py

.PHONY: stop
stop: ## stop our database servers
	@bin/dev stop

.PHONY: clean
clean: ## remove our databases and logs
	@bin/dev clean
