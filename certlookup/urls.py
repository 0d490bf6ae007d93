"""Which site answers which path: SITE says whether this process serves the public site, the staff site or both."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import import_string
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = []
if settings.SITE in ("public", "both"):
    # First, and once more below for each language, where its address is taken from: a path is tried against one pattern
    # after the other, and lookups are what is asked for most.
    urlpatterns.append(path("lookup/", import_string("certificates.pages.views.lookup"), name="lookup"))
    urlpatterns += i18n_patterns(path("", include("certificates.pages.urls")), prefix_default_language=False)
urlpatterns.append(path("", include("certificates.pages.health")))
if settings.SITE in ("staff", "both"):
    urlpatterns.append(path("staff/", include("uploads.pages.urls")))
    urlpatterns.append(path("staff", RedirectView.as_view(url="/staff/")))
if settings.SITE in ("public", "both"):
    urlpatterns.append(path("", include("certificates.pages.machines")))
    urlpatterns.append(path("en", RedirectView.as_view(url="/en/")))
    urlpatterns.append(path("large", RedirectView.as_view(url="/large/")))
handler400 = "certificates.pages.errors.bad_request"
handler403 = "certificates.pages.errors.forbidden"
handler404 = "certificates.pages.errors.not_found"
handler500 = "certificates.pages.errors.server_error"
