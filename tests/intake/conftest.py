"""What only `make test-full` runs, for it installs LibreOffice and clamd first or ends."""

import os

collect_ignore = [] if os.environ.get("TEST_SOFFICE") else ["test_libreoffice_opens_the_report.py"]
if not os.environ.get("TEST_CLAMD"):
    collect_ignore.append("test_a_real_clamd_refuses_what_it_knows.py")
