"""The result page's content: verdicts first, then the fields in the order of the paper certificate."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from certificates.idnumber import IdType
from certificates.levels import level_name
from certificates.lookup import Change, Contact, ContactOf, Found, Record, Responsible, Revoked
from certificates.models import RevisionKind
from certificates.pages import wording
from certificates.pages.overview import period_or_none

LABELS = {
    "holder_name": _("姓名"),
    "sex": _("性别"),
    "birth_date": _("出生日期"),
    "id_type": _("证件类型"),
    "id_number": _("证件号码"),
    "certificate_number": _("证书编号"),
    "occupation": _("职业（工种）"),
    "occupation_code": _("职业编码"),
    "level": _("等级"),
    "theory_score": _("理论知识考试成绩"),
    "skill_score": _("操作技能考核成绩"),
    "overall_score": _("综合评审成绩"),
    "result": _("评定成绩"),
    "processed_date": _("办理日期"),
    "issue_date": _("发证日期"),
    "issuing_authority": _("发证机关"),
    "assessment_office": _("鉴定机构"),
}

_WORDS = {
    "有效": _("有效"),
    "男": _("男"),
    "女": _("女"),
    "合格": _("合格"),
    "良好": _("良好"),
    "优秀": _("优秀"),
    "免考": _("免考"),
}
_ID_TYPES = {
    IdType.RESIDENT_ID: _("居民身份证"),
    IdType.HK_MACAU_PERMIT: _("港澳居民来往内地通行证"),
    IdType.TAIWAN_PERMIT: _("台湾居民来往大陆通行证"),
    IdType.RESIDENCE_PERMIT: _("港澳台居民居住证"),
    IdType.PASSPORT: _("护照"),
    IdType.FOREIGNER_CARD: _("外国人永久居留身份证"),
    IdType.MILITARY_ID: _("军官证"),
}
_LEVELS = {
    5: _("五级 / 初级工"),
    4: _("四级 / 中级工"),
    3: _("三级 / 高级工"),
    2: _("二级 / 技师"),
    1: _("一级 / 高级技师"),
}


class Verdict(NamedTuple):
    """One verdict; tone is good, warn or bad, mark says the same without colour."""

    tone: str
    mark: str
    word: str


class Row(NamedTuple):
    """One field as shown: its value, or in its place the groups of a number. iso is a date's value once more, for machines.

    chinese: data that no language changes. changed: corrected since. begins: the paper certificate begins its next part here.
    """

    field: str
    value: str
    groups: tuple[str, ...] = ()
    iso: str = ""
    chinese: bool = False
    changed: bool = False
    begins: bool = False

    @property
    def label(self) -> str:
        """The field's name in the language that is active."""
        return str(LABELS[self.field])


# Not frozen: that makes the making of so many fields cost as much as a counter, in every lookup.
@dataclass(slots=True)
class ResultPage:
    """Everything the result page shows; outcome is main's data-outcome."""

    outcome: str
    verdicts: tuple[Verdict, ...]
    void: bool
    level: int
    name_parts: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    published_on: str
    period: str
    publication_number: str
    first_published_on: str
    revocation_reason: str
    revocation_document: str
    history: tuple[str, ...]
    responsible: Responsible

    @property
    def holder_name(self) -> str:
        """The whole name."""
        return "".join(chain.from_iterable(self.name_parts))

    def shape(self) -> Hashable:
        """How the page is built: all but the texts, and which of them are empty (pages/moulds.py)."""
        contact = self.responsible.contact
        return (
            self.outcome,
            self.level,
            tuple([(verdict.tone, verdict.mark) for verdict in self.verdicts]),
            tuple([(row.field, len(row.groups), not row.iso, *row[4:]) for row in self.rows]),
            tuple(map(len, self.name_parts)),
            len(self.history),
            not self.period,
            not self.revocation_reason,
            not self.revocation_document,
            self.responsible.contact_of,
            (not contact.name, not contact.phone, not contact.address),
        )

    def texts(self) -> list[str]:
        """What differs from certificate to certificate, in the order in which with_texts() takes it."""
        contact = self.responsible.contact
        return [
            *chain.from_iterable(self.name_parts),
            self.published_on,
            self.period,
            self.publication_number,
            self.first_published_on,
            self.revocation_reason,
            self.revocation_document,
            self.responsible.name if self.responsible.contact_of != ContactOf.BODY else "",
            contact.name,
            contact.phone,
            contact.address,
            *[verdict.word for verdict in self.verdicts],
            *self.history,
            *chain.from_iterable([(*(row.groups or (row.value,)), row.iso) for row in self.rows]),
        ]

    def with_texts(self, texts: Sequence[str]) -> "ResultPage":
        """The same page with other texts, those of texts() or marks in their places."""
        left = iter(texts)
        return replace(
            self,
            name_parts=tuple(tuple(next(left) for _ in part) for part in self.name_parts),
            published_on=next(left),
            period=next(left),
            publication_number=next(left),
            first_published_on=next(left),
            revocation_reason=next(left),
            revocation_document=next(left),
            responsible=Responsible(
                next(left), Contact(next(left), next(left), next(left)), self.responsible.contact_of
            ),
            verdicts=tuple(verdict._replace(word=next(left)) for verdict in self.verdicts),
            history=tuple(next(left) for _ in self.history),
            rows=tuple(_with_texts(row, left) for row in self.rows),
        )


def _with_texts(row: Row, left: Iterator[str]) -> Row:
    if row.groups:
        return row._replace(groups=tuple(next(left) for _ in row.groups), iso=next(left))
    return row._replace(value=next(left), iso=next(left))


def result_page(outcome: Found | Revoked) -> ResultPage:
    """The page for a certificate that was found, valid or revoked."""
    record = outcome.record
    publication = record.publication
    language = get_language()
    published_on = wording.day_in(language, publication.published_on)
    changed = frozenset(outcome.changed_fields) if isinstance(outcome, Found) else frozenset()
    if isinstance(outcome, Found):
        changed |= {name for change in record.history for name in change.changed_fields}
    if isinstance(outcome, Revoked):
        name, verdicts = "revoked", [Verdict("bad", "✕", gettext("已撤销，不再有效"))]
    else:
        name = "corrected" if outcome.kind is RevisionKind.CORRECTED else "found"
        verdicts = list(_verdicts(outcome, published_on, language))
    return ResultPage(
        outcome=name,
        verdicts=tuple(verdicts),
        void=isinstance(outcome, Revoked),
        level=record.level,
        name_parts=wording.name_parts(record.holder_name),
        rows=_rows(record, changed, language),
        published_on=published_on,
        period=_period_in(language, publication.period_code),
        publication_number=publication.number,
        first_published_on=wording.day_in(language, record.first_published_on),
        revocation_reason=outcome.reason if isinstance(outcome, Revoked) else "",
        revocation_document=outcome.document_number if isinstance(outcome, Revoked) else "",
        history=tuple(map(_told, record.history)) if len(record.history) > 1 else (),
        responsible=record.responsible,
    )


@lru_cache(maxsize=2_000)
def _period_in(_language: str | None, code: str) -> str:
    """A publication's half-month in the language that is active; empty where its code names none."""
    period = period_or_none(code)
    return wording.period_name(period) if period else ""


def _verdicts(found: Found, published_on: str, language: str | None) -> Iterator[Verdict]:
    yield Verdict("good", "✓", _words_in(language)["有效"])
    if found.kind is RevisionKind.CORRECTED:
        yield Verdict("warn", "✎", _corrected(published_on, found.changed_fields))
    if found.kind is RevisionKind.REINSTATED:
        yield Verdict("warn", "↺", gettext("%(day)s恢复有效") % {"day": published_on})


def _corrected(day: str, changed_fields: tuple[str, ...]) -> str:
    """On which day which fields were corrected; "id_number" is a name of the form, the others are fields of the record."""
    labels = [str(LABELS[name]) for name in changed_fields if name in LABELS]
    if labels:
        return gettext("%(day)s已更正：%(fields)s") % {"day": day, "fields": gettext("、").join(labels)}
    return gettext("%(day)s已更正") % {"day": day}


def _told(change: Change) -> str:
    """One change of the record in words."""
    day = wording.day(change.published_on)
    if change.kind is RevisionKind.CORRECTED:
        return _corrected(day, change.changed_fields)
    if change.kind is RevisionKind.REVOKED:
        return gettext("%(day)s撤销") % {"day": day}
    return gettext("%(day)s恢复有效") % {"day": day}


def _rows(record: Record, changed: frozenset[str], language: str | None) -> tuple[Row, ...]:
    # Words of the register in the page's language; scores and unknown words stay as they are.
    words = _words_in(language)

    def word(field: str, value: str | None) -> Row | None:
        return Row(field, words.get(value, value)) if value else None

    def day(field: str, value: date | None) -> Row | None:
        return Row(field, wording.day_in(language, value), iso=value.isoformat()) if value else None

    # The left page of the paper certificate, then its right page, then what it bears at the foot.
    rows = (
        word("sex", record.sex),
        day("birth_date", record.birth_date),
        day("issue_date", record.issue_date),
        Row("certificate_number", record.certificate_number, wording.fours(record.certificate_number)),
        Row("id_type", words[record.id_type]),
        Row("id_number", record.masked_id, wording.masked_groups(record.masked_id)),
        Row("occupation", record.occupation, chinese=True, begins=True),
        Row("occupation_code", record.occupation_code or ""),
        _level(record, words),
        word("theory_score", record.theory_score),
        word("skill_score", record.skill_score),
        word("overall_score", record.overall_score),
        word("result", record.result),
        Row("assessment_office", record.assessment_office, chinese=True, begins=True),
        Row("issuing_authority", record.issuing_authority, chinese=True),
        day("processed_date", record.processed_date),
    )
    shown = [row for row in rows if row is not None and row.value]
    if changed:
        shown = [row._replace(changed=True) if row.field in changed else row for row in shown]
    return tuple(shown)


def _level(record: Record, words: Mapping[str, str]) -> Row:
    if record.level_text == level_name(record.level):
        return Row("level", words[record.level_text])
    return Row("level", record.level_text, chinese=True)


@lru_cache(maxsize=len(settings.LANGUAGES))
def _words_in(_language: str | None) -> Mapping[str, str]:
    """Every word that has a translation, in the language that is active; it is given as the key to remember them by."""
    kinds = {kind.value: str(word) for kind, word in _ID_TYPES.items()}
    levels = {level_name(level): str(word) for level, word in _LEVELS.items()}
    return {value: str(word) for value, word in _WORDS.items()} | kinds | levels
