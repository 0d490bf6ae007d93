"""The WSGI application that gunicorn serves."""

import os

import django
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "certlookup.settings")
django.setup()

from certlookup import beside  # noqa: E402 - they want settings
from certlookup.checks import require_sound_deployment  # noqa: E402
from certlookup.databases import watch_replicas  # noqa: E402
from certlookup.staticstorage import require_static_files  # noqa: E402

# Before the application: it notes at its making which files there are.
require_static_files()
application = get_wsgi_application()
require_sound_deployment()
watch_replicas()
beside.begin()
