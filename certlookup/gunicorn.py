"""gunicorn's settings: gunicorn -c python:certlookup.gunicorn certlookup.wsgi.

HOST and PORT say where to listen, WEB_WORKERS and WEB_THREADS how many processes and threads serve, and WEB_QUEUE how many
requests may wait for the threads of each process (certlookup/shedding.py).
"""

import gc
import os
import shutil
import tempfile
from typing import Protocol

from certlookup import beside
from certlookup.sharing import loads

_host = os.environ.get("HOST", "127.0.0.1")
bind = f"[{_host}]:{os.environ.get('PORT', '8000')}" if ":" in _host else f"{_host}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# A connection per request would cost several times the lookup itself; one per thread and role is all a process can use.
os.environ.setdefault("DATABASE_POOL", str(threads))
waiting_at_most = int(os.environ.get("WEB_QUEUE", "128"))
worker_class = "certlookup.shedding.SheddingWorker"
# Longer than nginx keeps a connection that nothing goes through: a request must not meet a connection about to be closed.
keepalive = 5
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

# Metrics: each process counts in a file of its own, the parent adds them up and shows them on a port of their own.
_metrics_port = int(os.environ.get("METRICS_PORT") or 0)
_metrics_folder = ""
if _metrics_port:
    # Before the import: the library decides then where it counts.
    _metrics_folder = tempfile.mkdtemp(prefix="certlookup-metrics-")
    os.environ.update(PROMETHEUS_MULTIPROC_DIR=_metrics_folder)
    from prometheus_client import CollectorRegistry, Counter, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

    _shed_total = Counter("certlookup_shed_total", "Requests answered 503 unseen, because too many waited.")


def count_shed() -> None:
    """One request was answered by 503 before it was looked at."""
    if _metrics_port:
        _shed_total.inc()


_OBJECTS_BETWEEN_COLLECTIONS = 10_000


class Process(Protocol):
    """What gunicorn tells of one of its own."""

    pid: int
    place: int | None


def pre_fork(server: Process, worker: Process) -> None:
    """Give a new process its place among the loads; in the parent, so that no two take the same."""
    worker.place = loads.take_place()


def post_worker_init(worker: Process) -> None:
    """Leave what was loaded out of garbage collection, and collect less often.

    A request leaves next to nothing behind; going through the whole program's objects again and again took several
    milliseconds out of the middle of somebody's answer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 100)


def when_ready(server: Process) -> None:
    """Show the metrics. A port that is taken ends the start: it would otherwise be missed for months."""
    if _metrics_port:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        start_http_server(_metrics_port, os.environ.get("METRICS_HOST") or "127.0.0.1", registry)


def worker_exit(server: Process, worker: Process) -> None:
    """In a process that ends, after its last answer."""
    beside.end()


def child_exit(server: Process, worker: Process) -> None:
    """What a process counted stays counted; what it only held goes, and its place among the loads."""
    loads.give_back(worker.place)
    if _metrics_port:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Process) -> None:
    """Leave no files behind."""
    if _metrics_folder:
        shutil.rmtree(_metrics_folder, ignore_errors=True)
