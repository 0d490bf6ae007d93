"""公告 and 公报: what each publication brought, as a text and as a table by office; the table as .csv too. No personal data."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.models import BulletinLine, Publication, Timeliness
from certificates.models.offices import INTERNAL
from certificates.models.register import PublicationKind
from certificates.officenames import has_english_name, office_name
from certificates.pages import errors, wording
from certificates.pages.overview import period_or_none
from certlookup.spreadsheets.csvwriting import csv_bytes

PER_PAGE = 24
REPORTED = {
    Timeliness.EARLY: _("提前上报"),
    Timeliness.ON_TIME: _("按时上报"),
    Timeliness.LATE: _("逾期上报"),
    Timeliness.NO_DATA: _("本期无数据"),
    Timeliness.MISSING: _("尚未上网"),
    Timeliness.ANY_DAY: _("随时办理"),
}
TONES = {Timeliness.LATE: "warn", Timeliness.MISSING: "warn"}
COLUMNS = {
    "issued": _("新增"),
    "backfilled": _("补录"),
    "corrected": _("更正"),
    "revoked": _("撤销"),
    "reinstated": _("恢复有效"),
}
# What a bulletin always tells, be it nothing.
ALWAYS = ("issued", "corrected", "revoked")


@dataclass(frozen=True, slots=True)
class Line:
    """One office; chinese marks a name that no language changes, columns are what the counts count."""

    office: str
    chinese: bool
    columns: tuple[str, ...]
    counts: tuple[int, ...]
    total: int
    reported: str
    tone: str

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        return _labelled(self.columns, self.counts)


@dataclass(frozen=True, slots=True)
class Announcement:
    """公告 of one publication, in words; facts are sentences."""

    number: str
    title: str
    day: date
    day_text: str
    total: str
    facts: tuple[str, ...]
    organiser: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """公报 of one publication: the columns that have something to tell, one line per office, and their sums."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    sums: tuple[int, ...]
    total: int

    @property
    def shown_sums(self) -> tuple[tuple[str, str], ...]:
        return _labelled(self.columns, self.sums)


def _labelled(columns: tuple[str, ...], counts: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """Each count with its column's label: on a phone it stands before the count."""
    return tuple((label, f"{count:,}") for label, count in zip(columns, counts, strict=True))


def index(request: HttpRequest) -> HttpResponse:
    """All publications, the newest first."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    page = Paginator(Publication.objects.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
    announcements = [_announcement(publication, ()) for publication in page.object_list]
    return render(request, "certificates/bulletins/index.html", {"page": page, "announcements": announcements})


def bulletin(request: HttpRequest, number: str) -> HttpResponse:
    """One publication: the announcement, and the bulletin below it."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    publication, lines = _found(number)
    context = {"announcement": _announcement(publication, lines), "bulletin": _bulletin(lines)}
    return render(request, "certificates/bulletins/one.html", context)


def bulletin_csv(request: HttpRequest, number: str) -> HttpResponse:
    """The bulletin's table as .csv; every column, be it empty, so that files can be put together."""
    if request.method not in ("GET", "HEAD"):
        return errors.method_not_allowed(request, ("GET", "HEAD"))
    publication, lines = _found(number)
    table = _bulletin(lines, every_column=True)
    header = [gettext("上网批次"), gettext("上网日期"), gettext("上报单位")]
    rows: list[list[str | int]] = [[*header, *table.columns, gettext("合计"), gettext("上报情况")]]
    day = publication.published_on.isoformat()
    rows += [[publication.number, day, line.office, *line.counts, line.total, line.reported] for line in table.lines]
    rows.append([publication.number, day, gettext("合计"), *table.sums, table.total, ""])
    response = HttpResponse(csv_bytes(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="bulletin-{publication.number}.csv"'
    return response


def _found(number: str) -> tuple[Publication, tuple[BulletinLine, ...]]:
    publication = Publication.objects.filter(number=number).first()
    if publication is None:
        raise Http404
    lines = publication.bulletin.select_related("office").defer(*(f"office__{column}" for column in INTERNAL))
    return publication, tuple(lines.order_by("office_id"))


def _announcement(publication: Publication, lines: Iterable[BulletinLine]) -> Announcement:
    return Announcement(
        number=publication.number,
        title=_title(publication),
        day=publication.published_on,
        day_text=wording.day(publication.published_on),
        total=wording.records(publication.row_count),
        facts=tuple(_facts(publication, tuple(lines))),
        organiser=settings.SITE_ORGANISER,
    )


def _title(publication: Publication) -> str:
    period = period_or_none(publication.period_code)
    name = wording.period_name(period) if period else f"{publication.number} "
    if publication.kind == PublicationKind.REPLACEMENT:
        return gettext("关于更正、撤销职业资格证书数据的公告（%(number)s）") % {"number": publication.number}
    if publication.kind == PublicationKind.SUPPLEMENTARY:
        return gettext("关于补充公布 %(name)s职业资格证书数据的公告") % {"name": name}
    return gettext("关于公布 %(name)s职业资格证书数据的公告") % {"name": name}


def _facts(publication: Publication, lines: tuple[BulletinLine, ...]) -> Iterator[str]:
    """The announcement, sentence by sentence."""
    day, period = wording.day(publication.published_on), period_or_none(publication.period_code)
    if publication.kind == PublicationKind.REPLACEMENT:
        yield gettext("下列职业资格证书数据已于 %(day)s更换，查询结果即时更新。以前的内容留存备查。") % {"day": day}
    elif period is None:
        yield gettext("职业资格证书数据已于 %(day)s上网，即日起可以免费查询。") % {"day": day}
    else:
        yield gettext("%(days)s办理的职业资格证书数据已于 %(day)s上网，即日起可以免费查询。") % {
            "days": wording.period_days(period),
            "day": day,
        }
    counts = [
        (gettext("新增"), publication.issued_count),
        (gettext("更正"), publication.corrected_count),
        (gettext("撤销"), publication.revoked_count),
        (gettext("恢复有效"), publication.reinstated_count),
    ]
    told = gettext("，").join(
        gettext("%(change)s %(count)s") % {"change": label.lower(), "count": wording.records(count)}
        for label, count in counts
        if count
    )
    yield gettext("本次%(told)s；现可查询证书 %(total)s。") % {
        "told": told or gettext("没有记录"),
        "total": wording.records(publication.searchable_after),
    }
    yield from _on_its_day(publication)
    for timeliness, sentence in (
        (Timeliness.NO_DATA, gettext("本期无数据的单位：%(offices)s。")),
        (Timeliness.MISSING, gettext("尚未上网的单位：%(offices)s。其数据随本期的补充上网公布。")),
    ):
        offices = [office_name(line.office.code, line.office.name) for line in lines if line.timeliness == timeliness]
        if offices:
            yield sentence % {"offices": gettext("、").join(offices)}


def _on_its_day(publication: Publication) -> Iterator[str]:
    """Early, on time or late, against the day of the regulation."""
    if publication.due_on is None:
        return
    due = wording.day(publication.due_on)
    if publication.published_on < publication.due_on:
        yield gettext("规定的上网日期为 %(due)s，本次经批准提前上网。") % {"due": due}
    elif publication.published_on == publication.due_on:
        yield gettext("本次按规定的上网日期上网。")
    elif publication.late_reason:
        yield gettext("规定的上网日期为 %(due)s，本次延迟上网，原因：%(reason)s。") % {
            "due": due,
            "reason": publication.late_reason.rstrip("。"),
        }
    else:
        yield gettext("规定的上网日期为 %(due)s，本次延迟上网。") % {"due": due}


def _bulletin(lines: Iterable[BulletinLine], *, every_column: bool = False) -> Bulletin:
    listed = tuple(lines)
    present = [
        name
        for name in COLUMNS
        if every_column or name in ALWAYS or any(getattr(line, f"{name}_count") for line in listed)
    ]
    rows = tuple(_line(line, present) for line in listed)
    return Bulletin(
        columns=tuple(str(COLUMNS[name]) for name in present),
        lines=rows,
        sums=tuple(sum(row.counts[place] for row in rows) for place in range(len(present))),
        total=sum(row.total for row in rows),
    )


def _line(line: BulletinLine, columns: Sequence[str]) -> Line:
    timeliness = Timeliness(line.timeliness)
    counts = tuple(getattr(line, f"{name}_count") for name in columns)
    return Line(
        office=office_name(line.office.code, line.office.name),
        columns=tuple(str(COLUMNS[name]) for name in columns),
        chinese=not has_english_name(line.office.code),
        counts=counts,
        total=sum(counts),
        reported=str(REPORTED[timeliness]),
        tone=TONES.get(timeliness, ""),
    )
