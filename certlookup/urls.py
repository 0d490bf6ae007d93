"""Which site answers which path: SITE says whether this process serves the public site, the staff site or both."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
