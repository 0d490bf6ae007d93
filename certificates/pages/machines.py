"""What programs read: robots.txt, sitemap.xml and security.txt (RFC 9116)."""

from datetime import timedelta
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone, translation

from certlookup.sitecontext import CHINESE, ENGLISH

_PAGES = (
    "home", "lists", "codes", "schedule", "notices", "bulletins", "enquiries", "when", "reports", "help", "scope", "contacts", "genuine",
    "privacy", "accessibility",
)  # fmt: skip
_LANGUAGES = (("zh-Hans", CHINESE), ("en", ENGLISH))
_SECURITY_DAYS = 180


def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read what is the same for everybody, once: not the answers, the staff site, the large print."""
    kept_out = ("/staff/", "/large/", "/lookup/", "/en/lookup/", "/codes/", "/en/codes/")
    lines = ["User-agent: *", *(f"Disallow: {folder}" for folder in kept_out), "", f"Sitemap: {_full('/sitemap.xml')}"]
    return _plain("\n".join(lines))


def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page in both languages, each naming the other."""
    entries = []
    for name in _PAGES:
        addresses = {}
        for tag, language in _LANGUAGES:
            with translation.override(language):
                try:
                    addresses[tag] = escape(_full(reverse(name)))
                except NoReverseMatch:
                    continue
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{tag}" href="{address}"/>' for tag, address in addresses.items()
        )
        entries += [f"<url><loc>{address}</loc>{others}</url>" for address in addresses.values()]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(entries) + "\n</urlset>\n"
    )
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness; without the setting SECURITY_CONTACT there is no such file, nothing is invented."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + timedelta(days=_SECURITY_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACT),
        f"Expires: {expires.strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: zh, en",
        f"Canonical: {_full('/.well-known/security.txt')}",
    ]
    return _plain("\n".join(lines))


def _full(address: str) -> str:
    return urljoin(f"{settings.SITE_ADDRESS}/", address)


def _plain(text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(".well-known/security.txt", security, name="security"),
]
