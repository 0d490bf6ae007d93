"""Import profiles: what another layout calls the columns and how it writes sex, level, ID type and dates.

Pure. A definition is a JSON object, kept in the database; define() reads it strictly (an unknown key is refused, never
passed over) and describe() writes it again. Nothing in a profile guesses: a field with a table of values takes what
stands in the table and refuses the rest, and dates are read in the forms that are named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from certificates.idnumber import IdType
from certificates.levels import LEVELS, level_name, parse_level
from uploads.intake.columns import FIELDS, HEADER_SEARCH_ROWS, HEADERS, normalise_header
from uploads.intake.dateforms import DATE_FORMS, conflicting_forms

REQUIRED_LAYOUT: Final = "required"
NAME_PATTERN: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST_NAME, LONGEST_TITLE = 30, 30

# Text of a fixed value that stands for something of the office that reports.
OFFICE_PLACEHOLDER: Final = "{上报单位}"
AUTHORITY_PLACEHOLDER: Final = "{发证机关}"
# The fixed ID type that follows the form of each number: residence permits and the new foreigner's card have 18
# characters like a resident ID, and their first digits tell them apart for certain.
BY_NUMBER: Final = "{按证件号码}"

LEVEL_TARGETS: Final[Mapping[str, int]] = {level_name(level).split(" ")[0]: level for level in sorted(LEVELS)}
ID_TYPE_TARGETS: Final[Mapping[str, IdType]] = {kind.label: kind for kind in IdType}
# The fields that may have a table of values, with everything that a value may become.
TABLE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sex": ("男", "女"),
    "id_type": tuple(ID_TYPE_TARGETS),
    "level": tuple(LEVEL_TARGETS),
}
# What may be the same in every row of a file. A number, a name or a date of one person never is.
FIXED_FIELDS: Final = (
    "id_type", "occupation", "occupation_code", "level", "result", "issuing_authority", "assessment_office",
)  # fmt: skip
ORIGINS: Final = ("exam_system", "hand_made")

_HEADER_LIMIT, _NAMES_LIMIT, _ENTRIES_LIMIT, _TEXT_LIMIT = 60, 30, 200, 100
_UNFIT: Final = """中有不能使用的字符（控制字符、看不见的字符或 < > & "），请改正。"""
_RESULTS: Final = ("合格", "良好", "优秀")


class ProfileError(ValueError):
    """A definition that can't be used: every sentence says what is wrong and what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("；".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Headers:
    """A field's headers in the other layout; only: the required layout's own headers don't count for it."""

    names: tuple[str, ...]
    only: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry of a table of values that isn't read, and why."""

    reason: str


ValueTable = Mapping[str, "str | Refused"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a profile says; without anything it is the required layout.

    tables hold the values as the profile's author wrote them; header_row None: it is looked for; sheet "": the one with
    the header; origin "": files of this layout may be of either.
    """

    headers: Mapping[str, Headers] = field(default_factory=dict)
    tables: Mapping[str, ValueTable] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    header_row: int | None = None
    sheet: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A definition under its name (a slug), title and version."""

    name: str
    title: str
    version: int
    definition: Definition

    @property
    def label(self) -> str:
        """As sentences and pages name it."""
        return f"{self.title}（{self.name}，第 {self.version} 版）"


def value_key(text: str) -> str:
    """A value as it is looked up in a table: widths and capitals folded, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def name_problem(name: str) -> str:
    """What is wrong with a profile's name; "" if nothing."""
    if not NAME_PATTERN.fullmatch(name) or len(name) > LONGEST_NAME:
        return f"方案代号只用小写字母、数字和连字符，以字母开头，最多 {LONGEST_NAME} 个字符，例如 exam-system。"
    return ""


def title_problem(title: str) -> str:
    """What is wrong with a profile's title; "" if nothing."""
    if not title.strip():
        return "请填写方案名称。"
    if len(title) > LONGEST_TITLE:
        return f"方案名称最多 {LONGEST_TITLE} 个字。"
    if _unfit(title):
        return '方案名称中有不能使用的字符（控制字符、看不见的字符或 < > & "），请改正。'
    return "" if not NAME_PATTERN.fullmatch(title.strip()) else "方案名称请用中文，以免与代号混淆。"


def define(described: object) -> Definition:
    """Read a definition as JSON holds it. Raises ProfileError with everything that is wrong."""
    reading = _Reading()
    definition = reading.definition(described)
    if reading.sentences:
        raise ProfileError(*reading.sentences)
    return definition


def describe(definition: Definition) -> dict[str, object]:
    """The definition as JSON; what isn't said is left out. define() gives it back."""
    described: dict[str, object] = {}
    if definition.headers:
        described["headers"] = {
            name: {"names": list(headers.names)} | ({"only": True} if headers.only else {})
            for name, headers in definition.headers.items()
        }
    if definition.tables:
        described["values"] = {
            name: {
                text: {"refused": target.reason} if isinstance(target, Refused) else target
                for text, target in table.items()
            }
            for name, table in definition.tables.items()
        }
    if definition.dates:
        described["dates"] = list(definition.dates)
    if definition.fixed:
        described["fixed"] = dict(definition.fixed)
    if definition.header_row is not None:
        described["header_row"] = definition.header_row
    described |= {key: text for key, text in (("sheet", definition.sheet), ("origin", definition.origin)) if text}
    return described


class _Reading:
    """One definition being read; collects every sentence, so that an author sees all of them at once."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def definition(self, described: object) -> Definition:
        known = ("headers", "values", "dates", "fixed", "header_row", "sheet", "origin")
        parts = self.mapping(described, "方案", known)
        origin = self.text(parts.get("origin", ""), "文件来源", required=False)
        if origin and origin not in ORIGINS:
            self.say(f"文件来源只能是{'、'.join(ORIGINS)}之一，不能是“{_short(origin)}”。")
        return Definition(
            headers=self.headers(parts.get("headers", {})),
            tables=self.tables(parts.get("values", {})),
            dates=self.dates(parts.get("dates", [])),
            fixed=self.fixed(parts.get("fixed", {})),
            header_row=self.header_row(parts.get("header_row")),
            sheet=self.text(parts.get("sheet", ""), "工作表名称", required=False),
            origin=origin,
        )

    def mapping(self, described: object, what: str, known: tuple[str, ...] | None = None) -> dict[str, object]:
        """An object of JSON; keys outside `known` are refused by name."""
        if not isinstance(described, Mapping):
            self.say(f"{what}应当是一组“名称：内容”，请检查写法。")
            return {}
        found: dict[str, object] = {}
        for key, value in described.items():
            if known is not None and key not in known:
                self.say(f"{what}中有不认识的项目“{_short(key)}”。可用的有：{'、'.join(known)}。")
            else:
                found[str(key)] = value
        return found

    def text(self, value: object, what: str, *, limit: int = _TEXT_LIMIT, required: bool = True) -> str:
        """A line of text, as it is; "" where something is wrong with it."""
        if not isinstance(value, str):
            self.say(f"{what}应当是文字。")
            return ""
        if required and not value.strip():
            self.say(f"{what}不能为空。")
            return ""
        if len(value) > limit:
            self.say(f"{what}有 {len(value)} 个字符，最多 {limit} 个。")
            return ""
        if _unfit(value):
            self.say(f'{what}中有不能使用的字符（控制字符、看不见的字符或 < > & "），请改正。')
            return ""
        return value

    def headers(self, described: object) -> dict[str, Headers]:
        found: dict[str, Headers] = {}
        used: dict[str, str] = {}
        for name, entry in self.mapping(described, "表头", FIELDS).items():
            what = f"“{HEADERS[name]}”的表头"
            parts = self.mapping(entry, what, ("names", "only"))
            names, only = parts.get("names", []), parts.get("only", False)
            if not isinstance(names, list | tuple) or not isinstance(only, bool):
                self.say(f"{what}应当是一列名称（names），only 只能是 true 或 false。")
                continue
            if len(names) > _NAMES_LIMIT:
                self.say(f"{what}有 {len(names)} 个名称，最多 {_NAMES_LIMIT} 个。")
                continue
            texts = []
            for written in names:
                text = self.header_name(written, what)
                folded = normalise_header(text)
                if not folded:
                    continue
                if folded in used:
                    whose = HEADERS[used[folded]]
                    self.say(f"表头“{_short(text)}”写了两次（“{whose}”和“{HEADERS[name]}”），请只保留一处。")
                    continue
                used[folded] = name
                texts.append(text)
            found[name] = Headers(tuple(texts), only)
        return found

    def header_name(self, written: object, what: str) -> str:
        """One header. Quotation marks and ampersands do stand in headers: only what is invisible is refused."""
        if not isinstance(written, str) or not normalise_header(written):
            self.say(f"{what}中有空的名称，请删去或填写。")
            return ""
        if len(written) > _HEADER_LIMIT:
            self.say(f"{what}“{_short(written)}”有 {len(written)} 个字符，最多 {_HEADER_LIMIT} 个。")
            return ""
        return written

    def tables(self, described: object) -> dict[str, dict[str, str | Refused]]:
        found: dict[str, dict[str, str | Refused]] = {}
        for name, table in self.mapping(described, "对照表", tuple(TABLE_FIELDS)).items():
            what = f"“{HEADERS[name]}”的对照表"
            entries = self.mapping(table, what)
            if not entries:
                self.say(f"{what}是空的。请填写，或删去这个对照表。")
            if len(entries) > _ENTRIES_LIMIT:
                self.say(f"{what}有 {len(entries)} 项，最多 {_ENTRIES_LIMIT} 项。")
                continue
            found[name] = self.entries(entries, what, TABLE_FIELDS[name])
        return found

    def entries(self, entries: Mapping[str, object], what: str, targets: tuple[str, ...]) -> dict[str, str | Refused]:
        found: dict[str, str | Refused] = {}
        used: dict[str, str] = {}
        for written, target in entries.items():
            text = self.text(written, f"{what}中的原值", limit=_HEADER_LIMIT)
            folded = value_key(text)
            if not folded:
                continue
            if folded in used:
                self.say(f"{what}中“{_short(used[folded])}”和“{_short(text)}”是同一个值，请只保留一项。")
                continue
            used[folded] = text
            if isinstance(target, Mapping):
                parts = self.mapping(target, f"{what}中“{_short(text)}”的内容", ("refused",))
                reason = self.text(parts.get("refused", ""), f"{what}中“{_short(text)}”不能上报的原因")
                found[text] = Refused(reason)
            elif isinstance(target, str) and target in targets:
                found[text] = target
            else:
                self.say(f"{what}中“{_short(text)}”只能对应{'、'.join(targets)}，或写明不能上报的原因。")
        return found

    def dates(self, described: object) -> tuple[str, ...]:
        if not isinstance(described, list | tuple):
            self.say("日期写法应当是一列写法，例如 DD/MM/YYYY。")
            return ()
        unknown = [form for form in described if not isinstance(form, str) or form not in DATE_FORMS]
        if unknown:
            self.say(f"不认识的日期写法“{_short(unknown[0])}”。可用的有：{'、'.join(DATE_FORMS)}。")
            return ()
        if len(set(described)) != len(described):
            self.say("同一种日期写法写了两次，请只保留一次。")
        if (pair := conflicting_forms(tuple(described))) is not None:
            self.say(f"日期写法 {pair[0]} 和 {pair[1]} 会把同一个日期读成两个，请只保留一种。")
        return tuple(described)

    def fixed(self, described: object) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self.mapping(described, "固定值", FIXED_FIELDS).items():
            what = f"“{HEADERS[name]}”的固定值"
            text = self.text(value, what)
            if text and (problem := _fixed_problem(name, text)):
                self.say(f"{what}“{_short(text)}”{problem}")
            found[name] = text
        return found

    def header_row(self, value: object) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= HEADER_SEARCH_ROWS:
            self.say(f"表头所在行应当是 1 至 {HEADER_SEARCH_ROWS} 的整数；自动查找的，不要填写。")
            return None
        return value


def _fixed_problem(name: str, text: str) -> str:
    """What keeps a text from being that field's fixed value; "" if nothing."""
    if name == "id_type":
        known = (*ID_TYPE_TARGETS, BY_NUMBER)
        return "" if text in known else f"不是证件类型。可用的有：{'、'.join(known)}。"
    if name == "level":
        return "" if parse_level(text) is not None else "不是五个等级之一，例如 三级/高级工。"
    if name == "result":
        return "" if text in _RESULTS else f"只能是{'、'.join(_RESULTS)}。"
    rest = text
    if name in {"issuing_authority", "assessment_office"}:
        rest = text.replace(OFFICE_PLACEHOLDER, "").replace(AUTHORITY_PLACEHOLDER, "")
    if "{" in rest or "}" in rest:
        return f"中的花括号不能识别。发证机关和鉴定机构可以用 {OFFICE_PLACEHOLDER} 和 {AUTHORITY_PLACEHOLDER}。"
    return "不能以 = + - @ 开头。" if text[0] in "=+-@" else ""


def _unfit(text: str) -> bool:
    return any(character in '<>&"' or unicodedata.category(character)[0] == "C" for character in text)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 30 else text[:30] + "…"
