"""Mistakes to plant in a file, each with exactly what the check has to say about it: the columns and the rules.

A row carries at most one plant, so that what is found can be compared row by row with what was planted. Plants that
need a second row (the same number twice) name it through `twin`.
"""

# ruff: noqa: ARG005 - every plant is called with the row and what it may use, few need both.

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from certificates.idnumber import check_character
from certificates.levels import level_name
from certlookup.calendar.periods import Period
from tests.make import make_row

Row = dict[str, object]
Expected = frozenset[tuple[str, str]]
BOTH = ("regular", "backfill")


@dataclass(frozen=True)
class Planting:
    """What a plant may use: the period, today, and chance."""

    period: Period
    today: dt.date
    random: Random


@dataclass(frozen=True)
class Plant:
    """One mistake: how a good row gets it, and the (column, rule) pairs that the check has to find in that row.

    kinds: the kinds of batch in which it is found; in others the row is expected without a finding. formats: xlsx for
    what only typed cells can hold. twin: the pairs that a row with the same person or number gets as well.
    """

    name: str
    change: Callable[[Row, Planting], Mapping[str, object]]
    expected: Expected
    kinds: Sequence[str] = BOTH
    formats: Sequence[str] = ("xlsx", "csv")
    twin: Callable[[Row, Row], Mapping[str, object]] | None = None
    twin_expected: Expected = field(default_factory=frozenset)

    def __repr__(self) -> str:
        return self.name


def _value(name: str, header: str, value: object, rule: str, **more: object) -> Plant:
    """A plant that puts one value into one cell."""
    return Plant(name, lambda row, at: {header: value}, frozenset({(header, rule)}), **more)  # type: ignore[arg-type]


def _made(
    name: str, header: str, rule: str, make: Callable[[Row, Planting], Mapping[str, object]], **more: object
) -> Plant:
    return Plant(name, make, frozenset({(header, rule)}), **more)  # type: ignore[arg-type]


def _id(row: Row) -> str:
    return str(row["证件号码"])


def _number(row: Row) -> str:
    return str(row["证书编号"])


def _with_check(first17: str) -> str:
    return first17 + check_character(first17)


def _wrong_check(row: Row, at: Planting) -> Row:
    number = _id(row)
    others = [character for character in "0123456789X" if character != number[-1]]
    return {"证件号码": number[:17] + at.random.choice(others)}


def _other_digit(row: Row, at: Planting) -> Row:
    """Another digit in the area or serial: the check character always catches a single one."""
    number, place = _id(row), at.random.choice([0, 1, 2, 3, 4, 5, 14, 15])
    digit = at.random.choice([digit for digit in "0123456789" if digit != number[place]])
    first = "3" if place == 0 and digit == "9" else digit
    if first == number[place]:
        first = "4"
    return {"证件号码": number[:place] + first + number[place + 1 :]}


def _at(row: Row, header: str, extra: str, at: Planting) -> Row:
    text = str(row[header])
    place = at.random.randint(1, max(1, len(text) - 1))
    return {header: text[:place] + extra + text[place:]}


def _of_year(number: str, year: int) -> str:
    return f"{year % 100:02d}{number[2:]}"


def _before(at: Planting, days: int) -> str:
    return (at.period.first_day - dt.timedelta(days=days)).isoformat()


def _late_report(row: Row, at: Planting) -> Row:
    before = at.period.first_day - dt.timedelta(days=1)
    return {"办理日期": "", "发证日期": before.isoformat(), "证书编号": _of_year(_number(row), before.year)}


def _swap(row: Row, at: Planting) -> Row:
    return {"证件号码": _number(row), "证书编号": _id(row)}


INVISIBLE = "\u200b\u200d\u202e\u2066\ufeff\u00ad\ue123\U000f1234"

PLANTS: tuple[Plant, ...] = (
    # Empty cells
    *(
        _value(f"no {header}", header, at, "R-100")
        for header, at in (
            ("证书编号", ""), ("姓名", "   "), ("性别", ""), ("证件类型", None), ("证件号码", "\u3000"), ("职业(工种)", ""), ("等级", ""),
            ("发证机关", " "), ("鉴定机构", ""),
        )
    ),
    _value("no issue date", "发证日期", "", "R-100", kinds=("regular",)),
    # ID numbers
    _made("ID as number", "证件号码", "R-101", lambda row, at: {"证件号码": int(_id(row)[:17] + "0")}, formats=("xlsx",)),
    _made("ID with exponent", "证件号码", "R-101", lambda row, at: {"证件号码": f"{int(_id(row)[:17] + '0'):.5E}"}),
    _made("ID short", "证件号码", "R-111", lambda row, at: {"证件号码": _id(row)[:17]}),
    _made("ID long", "证件号码", "R-111", lambda row, at: {"证件号码": _id(row)[:17] + "01"}),
    _made("ID wrong check", "证件号码", "R-112", _wrong_check),
    _made("ID wrong digit", "证件号码", "R-112", _other_digit),
    _made("ID letter O", "证件号码", "R-113", lambda row, at: {"证件号码": _id(row)[:8] + "O" + _id(row)[9:]}),
    _made("ID apostrophe", "证件号码", "R-113", lambda row, at: {"证件号码": "’" + _id(row)}),
    _made("ID masked", "证件号码", "R-113", lambda row, at: {"证件号码": _id(row)[:6] + "********" + _id(row)[14:]}),
    _made("ID impossible date", "证件号码", "R-114", lambda row, at: {"证件号码": _with_check(_id(row)[:10] + "0230" + _id(row)[14:17])}),
    _made("ID of another kind", "证件号码", "R-116", lambda row, at: {"证件号码": _with_check("810000" + _id(row)[6:17])}),
    _made("ID passport", "证件号码", "R-116", lambda row, at: {"证件号码": "E12345678"}),
    _made("ID type passport", "证件号码", "R-116", lambda row, at: {"证件类型": "护照"}),
    _made("ID of 15 digits", "证件号码", "R-117", lambda row, at: {"证件号码": _id(row)[:6] + _id(row)[8:17]}),
    _value("ID type unknown", "证件类型", "学生证", "R-155"),
    Plant("ID and certificate number swapped", _swap, frozenset({("证件号码", "R-115"), ("证书编号", "R-124")})),
    # Certificate numbers
    _made("number as number", "证书编号", "R-121", lambda row, at: {"证书编号": int(_number(row))}, formats=("xlsx",)),
    _made("number with exponent", "证书编号", "R-121", lambda row, at: {"证书编号": f"{int(_number(row)):.5E}"}),
    _made("number short", "证书编号", "R-122", lambda row, at: {"证书编号": _number(row)[:14]}),
    _made("number long", "证书编号", "R-122", lambda row, at: {"证书编号": _number(row) + "1"}),
    _made("number letter", "证书编号", "R-123", lambda row, at: {"证书编号": _number(row)[:15] + "l"}),
    _value("number of a skill level", "证书编号", "S000037000001253000001", "R-125"),
    _made("number level digit", "证书编号", "R-126", lambda row, at: {"证书编号": _number(row)[:10] + "7" + _number(row)[11:]}),
    _made("number of another year", "证书编号", "R-127", lambda row, at: {"证书编号": _of_year(_number(row), at.period.first_day.year - 1)}),
    _made("number of another level", "证书编号", "R-128", lambda row, at: {"等级": level_name(5)}),
    _made("number of another issuer", "证书编号", "R-129", lambda row, at: {"证书编号": _number(row)[:2] + "10" + _number(row)[4:]}),
    _made("number of another body", "证书编号", "R-413", lambda row, at: {"证书编号": _number(row)[:4] + "880088" + _number(row)[10:]}),
    _made("number serial zero", "证书编号", "R-131", lambda row, at: {"证书编号": _number(row)[:11] + "00000"}),
    # The person
    _value("name long", "姓名", "阿" * 61, "R-141"),
    *(
        _made(f"name U+{ord(character):04X}", "姓名", "R-142", lambda row, at, c=character: _at(row, "姓名", c, at))  # type: ignore[misc]
        for character in INVISIBLE
    ),
    *(_value(f"name {sign}", "姓名", f"林{sign}秋", "R-143") for sign in "<>&＜＞＆"),
    _value("name with a bell", "姓名", "林\x07秋", "R-142", formats=("csv",)),
    # openpyxl makes a formula of it.
    _value("name begins =", "姓名", "=林秋", "R-144", formats=("csv",)),
    *(_value(f"name begins {sign}", "姓名", f"{sign}林秋", "R-144") for sign in "+-@＝＋－＠"),
    *(_value(f"name damaged {sign}", "姓名", f"林{sign}秋", "R-146") for sign in "?？□\ufffd"),
    _value("name spaced", "姓名", "林\u3000秋", "R-145"),
    _value("name separator", "姓名", "古丽•艾比", "R-145"),
    _value("name digits", "姓名", "12345", "R-148"),
    _value("name star", "姓名", "林*秋", "R-147"),
    _value("name number cell", "姓名", 12345, "R-108", formats=("xlsx",)),
    _value("sex unknown", "性别", "不详", "R-151"),
    _value("sex other", "性别", "女", "R-152"),
    _value("sex invisible", "性别", "男\u200b", "R-104"),
    _value("birth unreadable", "出生日期", "不详", "R-161"),
    _value("birth year and month", "出生日期", "1990-03", "R-161"),
    _value("birth ambiguous", "出生日期", "3/7/1990", "R-206"),
    _made("birth other", "出生日期", "R-162", lambda row, at: {"出生日期": "1989-12-31" if row["出生日期"] != "1989-12-31" else "1989-12-30"}),
    _made("birth future", "出生日期", "R-163", lambda row, at: {"出生日期": (at.today + dt.timedelta(days=40)).isoformat()}),
    _value("birth of 1850", "出生日期", "1850-01-01", "R-209"),
    # Text, level, scores
    _value("occupation formula", "职业(工种)", "＝电工", "R-107"),
    _value("occupation tag", "职业(工种)", "电工<b>", "R-106"),
    _value("occupation long", "职业(工种)", "电" * 101, "R-105"),
    _value("occupation invisible", "职业(工种)", "电\u200b工", "R-104"),
    _value("occupation damaged", "职业(工种)", "电?工", "R-109"),
    _value("occupation error", "职业(工种)", "#REF!", "R-102"),
    _value("occupation number", "职业(工种)", 4, "R-108", formats=("xlsx",)),
    _value("level unknown", "等级", "六级", "R-171"),
    _value("level contradicting itself", "等级", "三级/技师", "R-171"),
    *(_value(f"score {value}", "理论知识考试成绩", value, "R-181") for value in ("101", "82.55", "-1", "良", "82分", "100.5")),
    _value("score cell", "操作技能考核成绩", 82.55, "R-181", formats=("xlsx",)),
    _value("result unknown", "评定成绩", "不合格", "R-182"),
    # Dates
    _value("processed unreadable", "办理日期", "昨天", "R-191"),
    _value("processed impossible", "办理日期", "2026-02-30", "R-191"),
    _made("processed before", "办理日期", "R-192", lambda row, at: {"办理日期": _before(at, 1)}, kinds=("regular",)),
    _made("processed future", "办理日期", "R-193", lambda row, at: {"办理日期": (at.today + dt.timedelta(days=1)).isoformat()}),
    *(_value(f"date {value}", "办理日期", value, "R-206") for value in ("03/11/2026", "11/3/26", "26-11-3", "261103")),
    _value("date serial", "办理日期", 46329, "R-207", formats=("xlsx",)),
    _value("date serial text", "办理日期", "46329", "R-207"),
    _value("date of Excel's beginning", "办理日期", "1900-01-01", "R-209"),
    _made("date with hour", "办理日期", "R-208", lambda row, at: {"办理日期": f"{row['办理日期']} 08:30"}),
    _value("issue unreadable", "发证日期", "2026-11", "R-201"),
    _made("issue future", "发证日期", "R-202", lambda row, at: {"发证日期": (at.today + dt.timedelta(days=400)).isoformat()}),
    _made("issue before the period", "发证日期", "R-205", _late_report, kinds=("regular",)),
    # Bodies
    _value("body unknown", "鉴定机构", "没有登记的站", "R-411"),
    _value("body of another office", "鉴定机构", "济南第一鉴定站", "R-412"),
    # Two rows
    Plant(
        "number twice", lambda row, at: {}, frozenset({("证书编号", "R-301")}),
        twin=lambda row, other: {"证书编号": row["证书编号"]}, twin_expected=frozenset({("证书编号", "R-301")}),
    ),
    Plant(
        "number twice, once refused", lambda row, at: {"性别": "无"}, frozenset({("证书编号", "R-301"), ("性别", "R-151")}),
        twin=lambda row, other: {"证书编号": row["证书编号"]}, twin_expected=frozenset({("证书编号", "R-301")}),
    ),
    Plant(
        "person twice", lambda row, at: {}, frozenset({("证件号码", "R-302")}),
        twin=lambda row, other: {name: row[name] for name in ("姓名", "证件号码", "出生日期")},
        twin_expected=frozenset({("证件号码", "R-302")}),
    ),
    Plant(
        "two names", lambda row, at: {}, frozenset({("姓名", "R-303")}),
        twin=lambda row, other: {name: row[name] for name in ("证件号码", "出生日期")} | {"姓名": "另一人", "职业(工种)": "焊工"},
        twin_expected=frozenset({("姓名", "R-303")}),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A file's rows with what has to be found in them: spreadsheet row number to (column, rule) pairs."""

    rows: tuple[Row, ...]
    expected: Mapping[int, Expected]


def plant(plants: Sequence[Plant | None], *, kind: str, at: Planting) -> Planted:
    """Rows below a header in row 1: one for each plant, a good one for None, a second one for a plant with a twin."""
    rows: list[Row] = []
    expected: dict[int, Expected] = {}
    for planted in plants:
        row = make_row(seed=len(rows) + 1, 姓名="林秋实")
        if planted is None:
            rows.append(row)
            continue
        row |= planted.change(row, at)
        rows.append(row)
        if kind in planted.kinds:
            expected[len(rows) + 1] = planted.expected
        if planted.twin is not None:
            other = make_row(seed=len(rows) + 1, 姓名="林秋实")
            rows.append(other | planted.twin(row, other))
            expected[len(rows) + 1] = planted.twin_expected
    return Planted(tuple(rows), expected)
