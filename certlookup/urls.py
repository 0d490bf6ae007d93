"""Which site answers which path: SITE says whether this process serves the public site, the staff site or both."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
if settings.SITE in ("staff", "both"):
    urlpatterns.append(path("staff/", include("uploads.pages.urls")))
