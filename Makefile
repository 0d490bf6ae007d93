# What this project is worked with; `make help` lists the targets. Needs python3 (3.11 or later) and make, no more.

PYTHON ?= python3
VENV := .venv
# Three for two processors: each waits half of its time for its server or its browser.
TEST_PROCESSES ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) * 3 // 2)')
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --root-user-action=ignore --only-binary :all:
PO := $(wildcard certlookup/locale/*/LC_MESSAGES/django.po)
MO := $(PO:.po=.mo)

.PHONY: help run test test-full pressure office wrk nginx redis audits drill clamd bench lint format clean translations

help:
	@echo "make run        sets everything up and serves on http://localhost:8000 until Ctrl-C"
	@echo "                (PORT=8000 HOST=127.0.0.1, DEMO=0 for an empty system, DEMO_CERTIFICATES=n)"
	@echo "make test       runs the tests, the browser's too; kills and races with two cases each"
	@echo "                (TEST_PROCESSES=n, three for two processors unless said otherwise)"
	@echo "make test-full  runs the same tests with 50 kills, 100 races and 500 mutations of each"
	@echo "                kind of file, has LibreOffice write its fixtures anew, and presses the site"
	@echo "                to three times its best rate and for ten minutes (TEST_SOAK=seconds)"
	@echo "make bench      measures speed and memory and writes var/bench.json (ARGS=\"--rows 20000 --pairs 1\" ...)"
	@echo "make lint       ruff, mypy, import direction, pending migrations, translations complete"
	@echo "make format     brings the code into ruff's form"
	@echo "make clean      removes var/ (all data) and .venv/"

run: $(VENV)/.runs $(MO)
	@exec $(PY) -m certlookup.launcher --end-with-parent

test: $(VENV)/.tests $(MO)
	@$(PY) -m tests.browser.chromium
	@$(PY) -m pytest -n $(TEST_PROCESSES) --dist loadfile

test-full: export TEST_KILLS = 50
test-full: export TEST_RACES = 100
test-full: export TEST_MUTATIONS = 500
test-full: export TEST_SOFFICE = 1
test-full: export TEST_LOAD = 1
test-full: export TEST_NGINX = 1
test-full: export TEST_STANDBYS = 1
test-full: export TEST_REDIS = 1
test-full: export TEST_DRILL = 1
test-full: export TEST_CLAMD = 1
test-full: export TEST_SITE_AUDITS = $(CURDIR)/var/audits
test-full: office wrk nginx redis audits drill clamd test pressure

# Sites pressed to their limits need the machine for themselves: after the other tests, one by one.
pressure: export TEST_SOAK ?= 600
pressure: nginx $(VENV)/.tests $(MO)
	@TEST_PRESSURE=1 $(PY) -m pytest tests/load -s

office:
	@command -v soffice >/dev/null || { echo "Installing LibreOffice ..."; apt-get install -y -qq libreoffice-calc-nogui >/dev/null; } || { echo "make test-full needs LibreOffice (soffice); on Debian and Ubuntu: apt-get install libreoffice-calc-nogui" >&2; exit 1; }

# Their install scripts only fetch lists that the tests do without.
audits:
	@command -v node >/dev/null && command -v npm >/dev/null && command -v java >/dev/null || { echo "Installing Node and Java ..."; apt-get install -y -qq nodejs npm default-jre-headless >/dev/null; } || { echo "make test-full needs Node 20 with npm, and Java; on Debian and Ubuntu: apt-get install nodejs npm default-jre-headless" >&2; exit 1; }
	@mkdir -p var/audits && cp tests/full/package.json tests/full/package-lock.json tests/full/*.mjs var/audits/ && npm ci --prefix var/audits --ignore-scripts --no-audit --no-fund --silent || { echo "make test-full needs the packages of tests/full/package.json; what npm said stands above." >&2; exit 1; }

wrk:
	@command -v wrk >/dev/null || { echo "Installing wrk ..."; apt-get install -y -qq wrk >/dev/null; } || { echo "The bench needs wrk; on Debian and Ubuntu: apt-get install wrk" >&2; exit 1; }

nginx:
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { echo "Installing nginx ..."; apt-get install -y -qq nginx-light >/dev/null; } || { echo "make test-full needs nginx; on Debian and Ubuntu: apt-get install nginx-light" >&2; exit 1; }

drill:
	@PATH="$$PATH:/usr/sbin"; command -v debootstrap >/dev/null && command -v systemd-nspawn >/dev/null || { echo "Installing debootstrap and systemd-nspawn ..."; apt-get install -y -qq debootstrap systemd-container >/dev/null; } || { echo "make test-full needs debootstrap and systemd-nspawn, and root; on Debian and Ubuntu: apt-get install debootstrap systemd-container" >&2; exit 1; }

clamd:
	@PATH="$$PATH:/usr/sbin" command -v clamd >/dev/null || { echo "Installing clamd ..."; apt-get install -y -qq clamav-daemon >/dev/null; } || { echo "make test-full needs clamd; on Debian and Ubuntu: apt-get install clamav-daemon" >&2; exit 1; }

redis:
	@command -v redis-server >/dev/null || { echo "Installing Redis ..."; apt-get install -y -qq redis-server >/dev/null; } || { echo "make test-full needs redis-server; on Debian and Ubuntu: apt-get install redis-server" >&2; exit 1; }

bench: $(VENV)/.tests $(MO) wrk
	@$(PY) -m tests.bench $(ARGS)

lint: $(VENV)/.tests $(MO)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet . || { echo "Some files aren't in ruff's form: make format" >&2; exit 1; }
	@$(PY) -m mypy
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) -m pytest tests/lint

format: $(VENV)/.tests
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

translations: $(VENV)/.runs
	@$(PY) -m certlookup.translations update

clean:
	@$(PYTHON) -m certlookup.postgres
	@rm -rf var $(VENV)

%.mo: %.po $(VENV)/.runs
	@$(PY) -m certlookup.translations compile $<

$(VENV)/.runs: requirements.txt $(VENV)/.made
	@echo "Installing what the site runs with ..."
	@$(PIP) -r requirements.txt || { echo "The packages of requirements.txt could not be installed; what pip said stands above." >&2; exit 1; }
	@touch $@

$(VENV)/.tests: tests/requirements-dev.txt $(VENV)/.runs
	@echo "Installing what the tests run with ..."
	@$(PIP) -r requirements.txt -r tests/requirements-dev.txt || { echo "The packages of tests/requirements-dev.txt could not be installed; what pip said stands above." >&2; exit 1; }
	@touch $@

# A virtual environment that was only half made (killed on the way) has no pip and is made anew.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here; install Python 3.11 or later." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "certlookup needs Python 3.11 or later, but $(PYTHON) is older; name another: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV) >/dev/null; } || { rm -rf $(VENV); echo "$(PYTHON) can't make a virtual environment here; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@
