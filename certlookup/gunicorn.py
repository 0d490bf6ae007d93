"""gunicorn's settings: gunicorn -c python:certlookup.gunicorn certlookup.wsgi.

HOST and PORT say where to listen, WEB_WORKERS and WEB_THREADS how many processes and threads serve.
"""

import os

_host = os.environ.get("HOST", "127.0.0.1")
bind = f"[{_host}]:{os.environ.get('PORT', '8000')}" if ":" in _host else f"{_host}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# A connection per request would cost several times the lookup itself; one per thread and role is all a process can use.
os.environ.setdefault("DATABASE_POOL", str(threads))
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
# Only these may say by X-Forwarded-Proto that a request came encrypted.
if os.environ.get("TRUSTED_PROXIES"):
    forwarded_allow_ips = os.environ["TRUSTED_PROXIES"]
# Only what goes wrong is logged: who asked for which certificate is nobody's business.
accesslog = None
errorlog = "-"
loglevel = "warning"
# The administrative socket would lie in the home folder, and nothing here uses it.
control_socket_disable = True
