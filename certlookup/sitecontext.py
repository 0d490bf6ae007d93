"""What every page's frame needs, as one plain object called `site`.

A page has up to four addresses: in Chinese and in English (/en/), each in the usual size and in large print (/large/).
Nothing about a visitor is remembered for that; the address says it all.
"""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

ENGLISH = "en"
CHINESE = "zh-hans"
ENGLISH_PREFIX = "/en"
LARGE_PREFIX = "/large"

# The public navigation by URL name: what a visitor comes to do, then, in the foot, what a visitor may want to know.
_HEAD = (
    ("home", _("证书查询")),
    ("lists", _("名单核对")),
    ("codes", _("核验码")),
    ("schedule", _("上网日历")),
    ("notices", _("通知公告")),
    ("help", _("使用帮助")),
)
_FOOT = (
    ("scope", _("查询范围")),
    ("bulletins", _("上网公报")),
    ("enquiries", _("查不到证书登记")),
    ("reports", _("举报疑似假证")),
    ("contacts", _("联系方式")),
    ("genuine", _("谨防假冒网站")),
    ("privacy", _("隐私说明")),
    ("accessibility", _("无障碍声明")),
)


@dataclass(frozen=True, slots=True)
class FooterEntry:
    """One entry of the footer: a label, its text, and the address it leads to, if any."""

    label: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of one page in one language and size; `language` and `other_language` are BCP 47 tags."""

    name: str
    language: str
    large: bool
    other_language: str
    other_language_name: str
    other_language_url: str
    other_language_home: str
    other_size_url: str
    other_size_home: str
    home_url: str
    navigation: tuple[Link, ...]
    foot: tuple[Link, ...]
    demo: bool
    footer: tuple[FooterEntry, ...]


def footer_entries() -> tuple[FooterEntry, ...]:
    """The footer's settings that are filled in, in the order usual on government sites; empty ones are left out.

    The filing numbers lead to their registries, as the filing rules ask.
    """
    candidates = (
        FooterEntry(gettext("主办单位："), settings.SITE_ORGANISER, ""),
        FooterEntry(gettext("联系方式："), settings.SITE_CONTACT, ""),
        FooterEntry(gettext("网站标识码："), settings.SITE_IDENTIFICATION_CODE, ""),
        FooterEntry("", settings.SITE_ICP_NUMBER, "https://beian.miit.gov.cn/"),
        FooterEntry("", settings.SITE_POLICE_NUMBER, "https://beian.mps.gov.cn/"),
    )
    return tuple(entry for entry in candidates if entry.text)


@cache
def _links(place: str, language: str, prefix: str) -> tuple[tuple[str, str], ...]:
    """Label and address of the pages that this process serves; the same for every request in a language and size."""
    found = []
    for name, label in _HEAD if place == "head" else _FOOT:
        try:
            found.append((str(label), reverse(name)))
        except NoReverseMatch:
            continue
    return tuple(found)


def _marked(place: str, path: str, home: str) -> tuple[Link, ...]:
    """The links of one place, the one that leads to this page, or above it, marked."""
    links = _links(place, str(get_language()), get_script_prefix())
    return tuple(Link(label, url, path == url if url == home else path.startswith(url)) for label, url in links)


def frame(path: str, *, large: bool = False) -> Site:
    """The frame for the page at `path` (without large print's prefix), in the language that is active."""
    english = get_language() == ENGLISH
    path = path or "/"
    other = path.removeprefix(ENGLISH_PREFIX) or "/" if english else ENGLISH_PREFIX + path
    size, other_size = (LARGE_PREFIX, "") if large else ("", LARGE_PREFIX)
    home, other_home = (f"{ENGLISH_PREFIX}/", "/") if english else ("/", f"{ENGLISH_PREFIX}/")
    return Site(
        name=gettext("山东省职业资格证书查询"),
        language="en" if english else "zh-Hans",
        large=large,
        other_language="zh-Hans" if english else "en",
        other_language_name="中文" if english else "English",
        other_language_url=size + other,
        other_language_home=size + other_home,
        other_size_url=other_size + path,
        other_size_home=other_size + home,
        home_url=size + home,
        navigation=_marked("head", size + path, size + home),
        foot=_marked("foot", size + path, size + home),
        demo=settings.DEMO,
        footer=footer_entries(),
    )


def site(request: HttpRequest) -> dict[str, Site]:
    """The context processor: `site` for every template."""
    return {"site": frame(request.path_info, large=getattr(request, "large_print", False))}
