"""For whoever watches the servers: whether the process lives, and whether it can answer lookups."""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from certificates.models import Publication


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the register can be read, else 503."""
    try:
        Publication.objects.exists()
    except DatabaseError:
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("healthz", healthz), path("readyz", readyz)]
