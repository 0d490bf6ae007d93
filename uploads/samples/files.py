"""Spreadsheets such as the cities send: every office, four half-months that are over and the present one."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random

from certificates.idnumber import IdType
from certificates.levels import level_name
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, current_period
from certlookup.spreadsheets.writing import SheetColumn, SheetContent, Value, write_workbook
from uploads.samples.bodies import BODIES, OFFICES, SampleBody, SampleOffice
from uploads.samples.occupations import OCCUPATIONS
from uploads.samples.people import People

EARLIER_PERIODS = 4
# The present half-month, against an earlier one.
PRESENT_SHARE = 0.25
OFFICE_WITH_ERRORS = "3703"
MANIFEST = "manifest.json"
# Of a hundred certificates: five to one, as practice has it.
_LEVELS, _LEVEL_WEIGHTS = (5, 4, 3, 2, 1), (30, 34, 26, 7, 3)

HEADERS = (
    "证书编号", "姓名", "性别", "证件类型", "证件号码", "出生日期", "职业(工种)", "职业编码", "等级", "理论知识考试成绩",
    "操作技能考核成绩", "综合评审成绩", "评定成绩", "办理日期", "发证日期", "发证机关", "鉴定机构",
)  # fmt: skip
# What some offices' programs call the columns.
OTHER_HEADERS = {
    "证书编号": "证书编码", "职业(工种)": "职业（工种）", "理论知识考试成绩": "理论知识成绩", "操作技能考核成绩": "操作技能成绩",
    "发证日期": "颁证日期",
}  # fmt: skip
_TEXT_COLUMNS = {"证书编号", "证件号码", "职业编码"}

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A written file; sample_pair is an ID number and its certificate number from it, planted the errors put into it."""

    file: str
    office: str
    period: str
    rows: int
    planted: int
    sample_pair: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Plan:
    path: Path
    office: SampleOffice
    period: Period
    rows: list[Row]
    planted: int

    def write(self) -> SampleFile:
        write_workbook(self.path, [_sheet(self.office, self.period, self.rows)])
        known = next(row for row in self.rows if row["证件类型"] == IdType.RESIDENT_ID.label)
        pair = (str(known["证件号码"]), str(known["证书编号"]))
        return SampleFile(self.path.name, self.office.code, self.period.code, len(self.rows), self.planted, pair)


def write_samples(
    folder: Path, *, seed: int, rows: int, today: dt.date, holidays: Holidays, processes: int = 2
) -> list[SampleFile]:
    """Write the files and manifest.json. `rows` is for the four earlier half-months together.

    The same seed and day give the same rows. Nobody in them exists.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plans = list(_plans(folder, seed, rows, today, holidays))
    # spawn: a forked child would take over the caller's database connections.
    with ProcessPoolExecutor(min(processes, os.cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        written = list(pool.map(_Plan.write, plans, chunksize=4)) if rows > 2000 else [plan.write() for plan in plans]
    (folder / MANIFEST).write_text(
        json.dumps([asdict(sample) for sample in written], ensure_ascii=False, indent=1), encoding="utf-8"
    )
    return written


def write_old_sample(path: Path, *, office: str, years: tuple[int, int], rows: int, seed: int) -> None:
    """Write a file of certificates issued in those years, as a city enters them from its archive."""
    random = Random(seed)  # noqa: S311 - repeatable, and no secret
    period = Period.parse(f"{years[0]}-06-A")
    people, numbers = People(random, period.first_day), _Numbers()
    sample = next(entry for entry in OFFICES if entry.code == office)
    made = []
    for _ in range(rows):
        period = Period.parse(f"{random.randint(*years)}-{random.randint(1, 12):02}-B")
        made.append(_row(random, people, numbers, sample, period, period.last_day) | {"办理日期": None})
    write_workbook(path, [_sheet(sample, period, made)])


def read_manifest(folder: Path) -> list[SampleFile]:
    """What write_samples() wrote there; nothing if it didn't finish."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return []
    entries = json.loads(manifest.read_text(encoding="utf-8"))
    return [SampleFile(**entry | {"sample_pair": tuple(entry["sample_pair"])}) for entry in entries]


def sample_periods(today: dt.date, holidays: Holidays) -> tuple[Period, ...]:
    """The half-months of the files, oldest first; the last is the one staff are working on."""
    periods = [current_period(today, holidays)]
    for _ in range(EARLIER_PERIODS):
        periods.insert(0, periods[0].previous())
    return tuple(periods)


def _plans(folder: Path, seed: int, rows: int, today: dt.date, holidays: Holidays) -> Iterator[_Plan]:
    random = Random(seed)  # noqa: S311 - repeatable, and no secret
    people = People(random, today)
    numbers = _Numbers()
    periods = sample_periods(today, holidays)
    weight = sum(office.weight for office in OFFICES)
    for period in periods:
        share = rows / EARLIER_PERIODS * (PRESENT_SHARE if period == periods[-1] else 1)
        for office in OFFICES:
            count = max(4, -(-int(share * office.weight) // weight) + 1)
            made = [_row(random, people, numbers, office, period, today) for _ in range(count)]
            planted = 0
            if period == periods[-1] and office.code == OFFICE_WITH_ERRORS:
                while len(made) < len(_ERRORS) + 3:
                    made.append(_row(random, people, numbers, office, period, today))
                planted = _plant(random, made)
            yield _Plan(folder / f"{office.code}_{period.code}.xlsx", office, period, made, planted)


class _Numbers:
    """Certificate numbers, each once: serials run per year, body and level."""

    def __init__(self) -> None:
        self._serials: Counter[tuple[int, str, int]] = Counter()

    def next(self, issued: dt.date, body: SampleBody, level: int) -> str:
        key = (issued.year, body.code, level)
        self._serials[key] += 1
        return f"{issued:%y}{body.code}{level}{self._serials[key]:05}"


def _row(  # noqa: PLR0917 - one call, inside this module
    random: Random, people: People, numbers: _Numbers, office: SampleOffice, period: Period, today: dt.date
) -> Row:
    person = people.make()
    body = random.choice([body for body in BODIES if body.office == office.code])
    occupation, code, _ = random.choices(OCCUPATIONS, weights=[weight for _, _, weight in OCCUPATIONS])[0]
    level = random.choices(_LEVELS, weights=_LEVEL_WEIGHTS)[0]
    day = _day(random, period, today)
    theory, skill = _score(random), _score(random)
    return {
        "证书编号": numbers.next(day, body, level),
        "姓名": person.name,
        "性别": person.sex,
        "证件类型": person.id_type.label,
        "证件号码": person.number,
        "出生日期": person.birth_date,
        "职业(工种)": occupation,
        "职业编码": code or None,
        "等级": level_name(level).replace(" ", ""),
        "理论知识考试成绩": theory,
        "操作技能考核成绩": skill,
        "综合评审成绩": _score(random) if level <= 2 else None,
        "评定成绩": _result(theory, skill),
        "办理日期": day,
        "发证日期": day,
        "发证机关": office.issuing_authority,
        "鉴定机构": body.name,
    }


def _day(random: Random, period: Period, today: dt.date) -> dt.date:
    last = min(period.last_day, today)
    return period.first_day + dt.timedelta(days=random.randint(0, (last - period.first_day).days))


def _score(random: Random) -> Value:
    kind = random.random()
    if kind < 0.02:
        return "免考"
    if kind < 0.05:
        return "合格"
    return round(random.triangular(60, 98, 76) * 2) / 2


def _result(theory: Value, skill: Value) -> str:
    scores = [score for score in (theory, skill) if isinstance(score, float)]
    least = min(scores, default=60.0)
    return "优秀" if least >= 88 else "良好" if least >= 80 else "合格"


def _sheet(office: SampleOffice, period: Period, rows: Sequence[Row]) -> SheetContent:
    """Three ways of laying a sheet out, by office: as required, with title lines, with other headers and real dates."""
    style = int(office.code) % 3
    headers = {name: OTHER_HEADERS.get(name, name) if style == 2 else name for name in HEADERS}
    title = (
        (f"{office.name}职业资格证书数据上报表", period.label, f"填报单位：{office.full_name}") if style == 1 else ()
    )
    columns = [SheetColumn(headers[name], is_text=name in _TEXT_COLUMNS) for name in HEADERS]
    written = (
        [_as_text(row[name]) if style != 2 and isinstance(row[name], dt.date) else row[name] for name in HEADERS]
        for row in rows
    )
    return SheetContent("证书数据", columns, written, title)


def _as_text(value: Value) -> Value:
    return value.isoformat() if isinstance(value, dt.date) else value


def _wrong_check(row: Row) -> None:
    number = str(row["证件号码"])
    row["证件号码"] = number[:-1] + ("1" if number[-1] != "1" else "2")


def _number_cell(row: Row) -> None:
    row["证件号码"] = int(str(row["证件号码"])[:17] + "0")


def _too_short(row: Row) -> None:
    row["证书编号"] = str(row["证书编号"])[1:]


def _other_level(row: Row) -> None:
    row["等级"] = level_name(5 if str(row["证书编号"])[10] != "5" else 4)


def _no_level(row: Row) -> None:
    row["等级"] = "七级"


def _other_sex(row: Row) -> None:
    row["性别"] = "女" if row["性别"] == "男" else "男"


def _too_early(row: Row) -> None:
    for name in ("办理日期", "发证日期"):
        day = row[name]
        assert isinstance(day, dt.date)
        row[name] = day - dt.timedelta(days=40)


def _no_name(row: Row) -> None:
    row["姓名"] = None


def _score_too_high(row: Row) -> None:
    row["理论知识考试成绩"] = 182.5


# One row each; what a city gets wrong in practice.
_ERRORS: tuple[Callable[[Row], None], ...] = (
    *[_wrong_check] * 4, *[_number_cell] * 3, *[_too_short] * 2, *[_other_level] * 2, _no_level, *[_other_sex] * 2,
    _too_early, _no_name, _score_too_high,
)  # fmt: skip


def _plant(random: Random, rows: list[Row]) -> int:
    """Spoil as many rows as there are errors; only rows with an 18-digit resident ID, so that each error is one."""
    candidates = [
        row for row in rows if row["证件类型"] == IdType.RESIDENT_ID.label and len(str(row["证件号码"])) == 18
    ]
    chosen = random.sample(candidates[:-1], min(len(_ERRORS), len(candidates) - 1))
    for row, spoil in zip(chosen, _ERRORS, strict=False):
        spoil(row)
    return len(chosen)
