"""What only `make test-full` runs, for it installs LibreOffice first or ends."""

import os

collect_ignore = [] if os.environ.get("TEST_SOFFICE") else ["test_libreoffice_opens_the_report.py"]
