import os

# What makes an empty machine on this one is part of make test-full, which installs debootstrap and systemd-nspawn.
collect_ignore = [] if os.environ.get("TEST_DRILL") else ["test_the_documents_hold_on_an_empty_machine.py"]
