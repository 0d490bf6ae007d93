"""'When will mine be online?' in words: what certificates/whenonline.py says, and whom to turn to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from certificates.lookup import provincial_contact
from certificates.models import Coverage, Office, Publication
from certificates.models.calendar import known_holidays
from certificates.models.register import PublicationKind
from certificates.officenames import has_english_name, office_name
from certificates.pages import errors, numbers, wording
from certificates.pages.forms.when import WhenForm
from certificates.pages.overview import period_or_none
from certificates.whenonline import Answer, Asked, Basis, Collected, Facts, Kind, OfficeFacts, answer
from certlookup.calendar.periods import Period
from certlookup.databases import current_connection


@dataclass(frozen=True, slots=True)
class Told:
    """An answer on the page: tone is good, warn or empty; the sentences go from what is to what to do."""

    tone: str
    headline: str
    sentences: tuple[str, ...]


def when(request: HttpRequest) -> HttpResponse:
    """The form alone, or with its answer. Nothing of it is kept, and nobody is asked for a number."""
    if request.method not in ("GET", "HEAD", "POST"):
        return errors.method_not_allowed(request, ("GET", "HEAD", "POST"))
    form = WhenForm(request.POST) if request.method == "POST" else WhenForm()
    context: dict[str, object] = {"form": form, "contact": provincial_contact()}
    if request.method == "POST":
        found = numbers.numbers_in(request)
        token = found.seal() if found else ""
        context["query"] = token
        context["carry"] = {name: request.POST.get(name, "") for name in ("basis", "days", "office")} | {"query": token}
        if form.is_valid():
            office = form.cleaned_data["office"]
            asked = Asked(form.cleaned_data["basis"], *form.cleaned_data["days"])
            context["told"] = tell(asked, _answer(asked, office), _shown(office) if office else gettext("各市"))
    return render(request, "certificates/when.html", context)


def _shown(office: Office) -> str:
    """The office's name, marked where a page in another language has it in Chinese."""
    name = office_name(office.code, office.name)
    return name if has_english_name(office.code) else format_html('<span lang="zh-Hans">{}</span>', name)


def _answer(asked: Asked, office: Office | None) -> Answer:
    facts = Facts(known_holidays(), _published(), _office_facts(office, asked.period) if office else None)
    return answer(asked, facts, timezone.localdate())


def _published() -> dict[Period, date]:
    """Each half-month's first publication; replacements publish no half-month."""
    days: dict[Period, date] = {}
    regular = Publication.objects.exclude(kind=PublicationKind.REPLACEMENT).order_by("-id")
    for code, day in regular.values_list("period_code", "published_on"):
        period = period_or_none(code)
        if period is not None:
            days[period] = day
    return days


def _office_facts(office: Office, period: Period) -> OfficeFacts:
    coverage = Coverage.objects.filter(office_id=office.code).first()
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT published_on, no_data FROM office_online(%s, %s)", [period.code, office.code])
        row = cursor.fetchone()
    return OfficeFacts(
        collected=Collected(coverage.state) if coverage else None,
        complete_from=coverage.complete_from if coverage else None,
        online_on=row[0] if row else None,
        no_data=bool(row and row[1]),
    )


def tell(asked: Asked, told: Answer, office: str) -> Told:
    """An answer in the words of the active language."""
    names = {
        "days": wording.period_days(told.period),
        "due": wording.due_day(told.due.date, told.due.provisional),
        "on": wording.day(told.published_on) if told.published_on else "",
        "office": office,
        "from": wording.day(told.complete_from) if told.complete_from else "",
    }
    headline, sentences = _words(told, names)
    sentences = [*sentences, *_latest(asked, told), *_thirty_days(told)]
    return Told("good" if told.should_be_found else "warn", headline, tuple(sentences))


def _words(told: Answer, names: dict[str, str]) -> tuple[str, list[str]]:
    check = gettext("请再逐位核对两个号码；核对无误仍查不到的，请打电话，或在本页登记。")
    match told.kind:
        case Kind.PENDING:
            headline = _put(gettext("还没有到上网的日子：%(days)s办理的证书 %(due)s上网"), names)
            moves = [gettext("该年度放假安排公布后，日期可能顺延。")] if told.due.provisional else []
            return headline, [_put(gettext("请在 %(due)s以后再查。"), names), *moves]
        case Kind.TODAY:
            headline = _put(gettext("就在今天：%(days)s办理的证书 %(due)s上网"), names)
            return headline, [gettext("上网在今天的工作时间内完成，请晚些时候或明天再查。")]
        case Kind.OVERDUE:
            headline = _put(gettext("应已上网而尚未上网：%(days)s办理的证书应于 %(due)s上网"), names)
            return headline, [gettext("这一期推迟了，上网以后首页会有公布。急需核验的，请打电话询问。")]
        case Kind.ONLINE:
            headline = _put(gettext("应当查得到：%(days)s办理的证书已于 %(on)s上网"), names)
            return headline, [*_lateness(told), check]
        case Kind.OFFICE_MISSING:
            headline = _put(gettext("%(days)s办理的证书已于 %(on)s上网，其中还没有%(office)s的"), names)
            return headline, [*_lateness(told), gettext("迟报的单位随后补充上网。请过几天再查，或打电话询问。")]
        case Kind.NO_DATA:
            headline = _put(gettext("%(office)s在 %(days)s没有办理证书"), names)
            return headline, [
                gettext("该单位向省里申报这一期没有数据。您的证书可能在前一期办理，或由别的单位办理，请核对后再查。"),
                gettext("确实在这段时间办理的，请打电话，或在本页登记。"),
            ]
        case Kind.COLLECTED:
            headline = _put(gettext("应当查得到：%(office)s这段时间的证书已经齐全"), names)
            return headline, [_put(gettext("%(from)s起的已齐全。"), names), check] if told.complete_from else [check]
        case Kind.COLLECTING | Kind.NOT_BEGUN | Kind.NOT_COVERED | Kind.OLDER:
            return _words_of_older(told, names)


def _words_of_older(told: Answer, names: dict[str, str]) -> tuple[str, list[str]]:
    urgent = gettext("急需核验的，请打电话，由工作人员查档。")
    if told.kind is Kind.OLDER:
        headline = gettext("这是本网按期上网以前的证书，由省和各市逐步收集整理")
        return headline, [gettext("选择办证的市，可以看到它的整理情况。"), urgent]
    if told.complete_from is None:
        headline = {
            Kind.COLLECTING: gettext("%(office)s早年的证书仍在整理"),
            Kind.NOT_BEGUN: gettext("%(office)s早年的证书尚未开始整理"),
        }[told.kind]
        return _put(headline, names), [urgent]
    headline = {
        Kind.COLLECTING: gettext("%(office)s在 %(from)s以前的证书仍在整理"),
        Kind.NOT_BEGUN: gettext("%(office)s在 %(from)s以前的证书尚未开始整理"),
        Kind.NOT_COVERED: gettext("%(office)s在 %(from)s以前的证书没有收录"),
    }[told.kind]
    return _put(headline, names), [_put(gettext("%(from)s起的已齐全。"), names), urgent]


def _put(text: str, names: Mapping[str, str]) -> SafeString:
    """Put names into a sentence; what is markup in a name stays, everything else is escaped."""
    return mark_safe(escape(text) % {key: conditional_escape(name) for key, name in names.items()})  # noqa: S308


def _lateness(told: Answer) -> list[str]:
    if not told.days_late:
        return []
    text = ngettext(
        "规定的日期是 %(due)s，晚了 %(count)s 天。", "规定的日期是 %(due)s，晚了 %(count)s 天。", told.days_late
    )
    return [text % {"due": wording.due_day(told.due.date, told.due.provisional), "count": told.days_late}]


def _latest(asked: Asked, told: Answer) -> list[str]:
    """A receipt, or a span of days, names the latest half-month, not the only one."""
    if told.kind not in (Kind.PENDING, Kind.TODAY, Kind.OVERDUE, Kind.ONLINE, Kind.OFFICE_MISSING, Kind.NO_DATA):
        return []
    if asked.basis is Basis.RECEIVED:
        return [gettext("领证以前办理的证书，最迟在这一期；证书上印有发证日期的，按发证日期查更准。")]
    if Period.containing(asked.first) != told.period:
        return [gettext("这是您填写的时间里最晚的一期；知道具体日期的，填得越细越准。")]
    return []


def _thirty_days(told: Answer) -> list[str]:
    if told.call_from is None:
        return [gettext("领到证书满 30 天仍查不到的，请与省中心联系；30 天从领到证书的那天算起。")]
    day = {"day": wording.day(told.call_from)}
    if told.may_call:
        return [gettext("您领到证书已满 30 天（%(day)s满），请与省中心联系，或在本页登记。") % day]
    return [gettext("您领到证书到 %(day)s满 30 天；那时仍查不到的，请与省中心联系，或在本页登记。") % day]
