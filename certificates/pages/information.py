"""The pages to read: help, scope, contacts, notices, privacy, accessibility, and whether this is the real site.

Nothing on them is about the visitor, so that a browser may keep them for a few minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from certificates import lookup as register
from certificates.held import reference
from certificates.models import Notice
from certificates.pages import errors, overview, wording
from certificates.pages.contacts import office_contacts
from certlookup.sitecontext import ENGLISH

_KEPT = "max-age=300"
_GET = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class OtherCertificates:
    """Certificates that this site doesn't have, and whose site has them."""

    certificate: str
    site: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """One notice in the page's language; chinese says that an English page shows it in Chinese."""

    id: int
    title: str
    text: str
    day: str
    chinese: bool


def shown_notices(*, on_home: bool = False) -> list[ShownNotice]:
    """What visitors see today, the newest first; on_home: only what was written for the first page."""
    found = Notice.objects.shown(timezone.localdate())
    return [_shown(notice) for notice in (found.filter(on_home=True) if on_home else found)]


def _shown(notice: Notice) -> ShownNotice:
    in_english = get_language() == ENGLISH
    translated = in_english and bool(notice.english_text)
    return ShownNotice(
        id=notice.id,
        title=notice.english_title if translated else notice.title,
        text=notice.english_text if translated else notice.text,
        day=wording.day(notice.shown_from),
        chinese=in_english and not translated,
    )


def _page(template: str) -> Callable[[Callable[..., Mapping[str, object]]], Callable[..., HttpResponse]]:
    """A view out of what its template is given: GET only, and kept for some minutes."""

    def decorate(context: Callable[..., Mapping[str, object]]) -> Callable[..., HttpResponse]:
        @wraps(context)
        def view(request: HttpRequest, **parts: object) -> HttpResponse:
            if request.method not in _GET:
                return errors.method_not_allowed(request, _GET)
            given = dict(context(**parts))
            response = render(request, f"certificates/information/{template}.html", given)
            response.headers["Cache-Control"] = _KEPT
            return response

        return view

    return decorate


@_page("help")
def help_page() -> Mapping[str, object]:
    """How to look up, and what to do when something is wrong."""
    return {"others": _others()}


@_page("scope")
def scope() -> Mapping[str, object]:
    """Which certificates are here, and since when each office's are complete."""
    known = reference()
    return {"overview": overview.home_overview(known), "coverage": overview.office_coverage(known)}


@_page("contacts")
def contacts() -> Mapping[str, object]:
    """Every office and body with its phone and address."""
    return {"offices": office_contacts(timezone.localdate())}


@_page("notices")
def notices() -> Mapping[str, object]:
    """What staff have to tell."""
    return {"notices": shown_notices(), "overview": overview.home_overview(reference())}


@_page("notice")
def notice(notice_id: int) -> Mapping[str, object]:
    """One notice, as long as it is shown."""
    found = Notice.objects.shown(timezone.localdate()).filter(id=notice_id).first()
    if found is None:
        raise Http404
    return {"notice": _shown(found)}


@_page("privacy")
def privacy() -> Mapping[str, object]:
    """What becomes of what a visitor types."""
    return {"contact": register.provincial_contact()}


@_page("accessibility")
def accessibility() -> Mapping[str, object]:
    """What was done so that everybody can use the site, and what is lacking."""
    return {"contact": register.provincial_contact()}


@_page("genuine")
def genuine() -> Mapping[str, object]:
    """How to tell this site from imitations."""
    return {"contact": register.provincial_contact(), "overview": overview.home_overview(reference())}


def _others() -> list[OtherCertificates]:
    national = ("www.osta.org.cn", "osta.mohrss.gov.cn")
    return [
        OtherCertificates(
            gettext("职业技能等级证书（编号 22 位，以字母开头）"), gettext("人力资源和社会保障部"), national
        ),
        OtherCertificates(gettext("其他省份、行业核发的国家职业资格证书"), gettext("国家职业资格工作网"), national[:1]),
        OtherCertificates(gettext("专业技术人员职业资格证书"), gettext("中国人事考试网"), ("www.cpta.com.cn",)),
        OtherCertificates(gettext("特种作业操作证"), gettext("应急管理部"), ("cx.mem.gov.cn",)),
        OtherCertificates(gettext("教师资格证书"), gettext("中国教师资格网"), ("www.jszg.edu.cn",)),
        OtherCertificates(gettext("学历证书"), gettext("中国高等教育学生信息网（学信网）"), ("www.chsi.com.cn",)),
    ]
