"""Metrics for Prometheus: requests by site, view and status, and how long they took; nothing about anybody.

No address, path, name or number is a label: the view's name and the status are all. Imported only where METRICS_PORT
is set; counts of several gunicorn processes are added up by certlookup/gunicorn.py, which serves them.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

STAFF_PREFIX = "/staff/"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

requests_total = Counter(
    "certlookup_requests_total",
    "Requests answered, by site, view, method and status.",
    ["site", "view", "method", "status"],
)
request_seconds = Histogram(
    "certlookup_request_seconds", "Seconds until a request was answered.", ["site"], buckets=SECONDS
)
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class MetricsMiddleware:
    """Counts each request when it is answered; stands first, so that the others' time counts too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        site = "staff" if request.path_info.startswith(STAFF_PREFIX) else "public"
        match = request.resolver_match
        # Whatever nobody's address is, counts as one: a visitor must not be able to make up labels.
        view = (match.view_name or match._func_path) if match else "none"
        method = request.method if request.method in _METHODS else "other"
        requests_total.labels(site, view, method, str(response.status_code)).inc()
        request_seconds.labels(site).observe(time.perf_counter() - began)
        return response
