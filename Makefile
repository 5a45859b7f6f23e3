# make demo     the whole procedure as a play, on mail servers of its own: under a minute; leaves mailbot-demo/
# make test     everything that must pass, with Dovecot and Postfix where they can be had
# make check    style, types, module directions, generated pages
# make kill     kill -9 at every named point, at any moment and at every system call; errors at system calls, power cuts,
#               faults of SMTP servers, jumps of the clock, restores; and the tests of the threats in full, each of which
#               must fail without its defence: about an hour on a quiet machine
# make fresh    README's commands on a bare Debian 12 and 13 with the updates of today, made by debootstrap; writes
#               docs/fresh.md. As root, about half an hour; run before each release.
#               SYSTEM=trixie: only that one; CACHE=folder: keeps the bare systems for the next run
# make matrix   who writes x for whom x MIME shape x place of the words x our marker x mail program: 31,428 mails, each
#               opened and searched for words lost and words astray: about a quarter of an hour
# make clients  people at Roundcube (in a Chromium) and at Thunderbird open each kind of mail, follow its links and answer
#               it, on Dovecot and Postfix: eight minutes. Writes tests/fixtures/clients with MAILBOT_UPDATE_SNAPSHOTS=1
# make office   what the office prints (rekap, guest book, Formulir Konsultasi), opened and printed by LibreOffice: a minute.
#               Without it (libreoffice-calc, libreoffice-writer, poppler-utils) the tests say so and are left out
# make soak     an hour of mails while servers and daemon are killed, a fast clock over holidays, and a flood of 3,000
#               forged mails: an hour and a half
# make month    a month of 400 tickets over all channels on a fast clock, with Ramadan and Idul Fitri; each row of the rekap,
#               each figure and each limit is counted a second time from the mails alone: some minutes
# make fuzz     20,000 examples of every property of reading, and seven targets fuzzed by coverage, five minutes each
# make mutants  changes identity, outbox, render and thread in all small ways, and tells which ones no test notices:
#               half an hour on a quiet machine
# make bench    the figures of docs/performance.md: some minutes on a quiet machine
# make man      the man pages, in build/man, from the help and docs/configuration.md
# make deb      build/mailbot_….deb for this Debian: libraries, units and man pages inside (docs/operator.md)
# make package  that package in a bare Debian made by debootstrap: docs/operator.md followed to the first ticket, upgrade,
#               downgrade, removal. As root, some minutes
# make format   rewrites the style
# make lock     renews uv.lock after a change of dependencies, and docs/sbom.json with it
# make sbom     docs/sbom.json, what mailbot is made of, from uv.lock
# make playground   mail servers on this machine to try mailbot with (README.md, "Play it yourself")
# T=…           for make test: only the tests of a room (make test T=letters) or of a file, without the coverage floor

BIN = .venv/bin
# What decides, and the tests by which all of its branches are to be taken. Only these are run with coverage, which would
# cost minutes in the others. Those mostly wait for servers: one more at a time than a small machine has cores.
# A file of these stays with one worker (--dist loadfile), so that the matrix tells each of its stories once.
DECIDES = mailbot/rules/*,mailbot/parsers/thread.py,mailbot/procedure/service.py
DECIDED = $(addprefix tests/,$(addsuffix .py,$(addprefix rules/test_,anonymous classify clocks decide for_user matrix names \
	paper priority problems proposal survey table turns unseen urging user_phrases user_replies worktime) \
	arrivals/test_from_user parsers/test_thread procedure/test_service reports/test_sop_heads tickets/test_breaches \
	tickets/test_search))
T =
# For make fresh: one of its systems, and a folder.
SYSTEM =
CACHE =
# For make fuzz: seconds a target.
SECONDS = 300

.PHONY: demo test kill matrix clients fresh office soak month fuzz mutants bench check man deb package format lock sbom playground

# The stamp is newer than the lock file when .venv holds what the lock file says.
.venv/.synced: uv.lock pyproject.toml scripts/uv
	scripts/uv sync --locked
	@touch $@

demo: .venv/.synced
	$(BIN)/mailbot demo

test: .venv/.synced
	scripts/mailservers
ifeq ($(strip $(T)),)
	rm -f .coverage .coverage.*
	$(BIN)/pytest -n 3 --dist worksteal $(addprefix --ignore=,$(DECIDED))
	$(BIN)/pytest -n 3 --dist loadfile --cov --cov-report= $(DECIDED)
	@$(BIN)/coverage json -q --include='$(DECIDES)' -o .branches.json
	@$(BIN)/coverage report --include='$(DECIDES)' --fail-under=95
	@$(BIN)/python scripts/branch_coverage.py .branches.json
else
	$(BIN)/pytest -n 2 $(foreach part,$(T),$(or $(wildcard tests/$(part)/.),$(part)))
endif

kill: .venv/.synced
	scripts/mailservers
	$(BIN)/pytest -n 2 -m long -rP tests/kill tests/threats

matrix: .venv/.synced
	MAILBOT_MATRIX_WHOLE=1 $(BIN)/pytest -n 2 --timeout 1800 tests/matrix

fresh:
	python3 scripts/fresh.py $(SYSTEM) $(if $(CACHE),--cache $(CACHE))

clients: .venv/.synced
	scripts/mailservers
	scripts/mailclients
	$(BIN)/pytest -m long -rs tests/clients

office: .venv/.synced
	$(BIN)/pytest -m long -rs tests/reports/test_printed.py

soak: .venv/.synced
	scripts/mailservers
	$(BIN)/pytest -m long -rP tests/soak tests/restraint/test_flood.py

month: .venv/.synced
	$(BIN)/pytest -m long -rP tests/month

fuzz: .venv/.synced
	scripts/uv sync --locked --group fuzz
	MAILBOT_MANY_EXAMPLES=1 $(BIN)/pytest -n 2 --timeout 3600 tests/parsers/test_properties.py tests/store/test_outbox.py tests/office/test_visibility.py
	printf '%s\n' commands from imap message reply results subject | \
	  xargs -P 2 -I TARGET $(BIN)/python -m tests.fuzz.guided TARGET --seconds $(SECONDS) --corpus .fuzz

mutants: .venv/.synced
	scripts/uv sync --locked --group mutants
	$(BIN)/mutmut run
	$(BIN)/mutmut results

bench: .venv/.synced
	scripts/mailservers
	$(BIN)/python -m bench.watching
	$(BIN)/python -m bench.acceptance
	$(BIN)/python -m bench.backlog
	$(BIN)/python -m bench.mailboxes
	$(BIN)/python -m bench.size

check: .venv/.synced
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/project/test_imports.py $(wildcard tests/project/test_generated.py)

man: .venv/.synced
	$(BIN)/python scripts/manpages.py build/man

deb: .venv/.synced
	$(BIN)/python scripts/deb.py

package: .venv/.synced
	scripts/mailservers
	$(BIN)/pytest -m long -rPs tests/package

format: .venv/.synced
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:
	scripts/uv lock --upgrade
	$(MAKE) sbom

sbom:
	python3 scripts/sbom

playground: .venv/.synced
	@exec $(BIN)/python scripts/playground.py
