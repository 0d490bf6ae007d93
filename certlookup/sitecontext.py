"""What every page's frame needs, as one plain object called `site`."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, gettext

ENGLISH = "en"
CHINESE = "zh-hans"
ENGLISH_PREFIX = "/en"


@dataclass(frozen=True, slots=True)
class FooterEntry:
    """One entry of the footer: a label, its text, and the address it leads to, if any."""

    label: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Site:
    """The frame of one page in one language; `language` and `other_language` are BCP 47 tags."""

    name: str
    language: str
    other_language: str
    other_language_name: str
    other_language_url: str
    home_url: str
    at_home: bool
    at_schedule: bool
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


def frame(path: str) -> Site:
    """The frame for the page at `path`, in the language that is active."""
    english = get_language() == ENGLISH
    path = path or "/"
    if english:
        other_language_url = path.removeprefix(ENGLISH_PREFIX) or "/"
    else:
        other_language_url = ENGLISH_PREFIX + path
    home_url = f"{ENGLISH_PREFIX}/" if english else "/"
    return Site(
        name=gettext("山东省职业资格证书查询"),
        language="en" if english else "zh-Hans",
        other_language="zh-Hans" if english else "en",
        other_language_name="中文" if english else "English",
        other_language_url=other_language_url,
        home_url=home_url,
        at_home=path == home_url,
        at_schedule=path == f"{home_url}schedule/",
        demo=settings.DEMO,
        footer=footer_entries(),
    )


def site(request: HttpRequest) -> dict[str, Site]:
    """The context processor: `site` for every template."""
    return {"site": frame(request.path)}
