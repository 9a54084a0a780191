# Every target is a command of bin/dev; see `bin/dev help`.
# PORT=8069  ADDON=hr_performance  TAGS=/hr_performance:TestReview  KEEP=1

MAKEFLAGS += --no-print-directory

.PHONY: test
test:
	@bin/dev test $(if $(ADDON),--addon "$(ADDON)") $(if $(TAGS),--tags "$(TAGS)") $(if $(KEEP),--keep)
