import os

# What needs nginx on the machine is part of make test-full, which installs it.
collect_ignore = [] if os.environ.get("TEST_NGINX") else ["test_nginx_serves_both_sites.py"]
