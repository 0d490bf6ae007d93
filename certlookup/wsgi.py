"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from certlookup.checks import require_sound_deployment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "certlookup.settings")
application = get_wsgi_application()
require_sound_deployment()
