"""The files that are measured: synthetic, the same for the same seed, with the variety of a real report.

One office's half-month in the required layout: 16 columns, dates as date cells and as text, scores as numbers, names of
every kind, four kinds of ID. Nobody in them exists.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from certificates.levels import level_name
from certlookup.calendar.periods import Period
from certlookup.spreadsheets.writing import Value
from uploads.samples.bodies import BODIES, OFFICES
from uploads.samples.occupations import OCCUPATIONS
from uploads.samples.people import People

OFFICE = "3702"
HEADER = (
    "证书编号", "姓名", "性别", "证件类型", "证件号码", "出生日期", "职业(工种)", "职业编码", "等级", "理论知识考试成绩",
    "操作技能考核成绩", "评定成绩", "办理日期", "发证日期", "发证机关", "鉴定机构",
)  # fmt: skip
_LEVELS, _LEVEL_WEIGHTS = (5, 4, 3, 2, 1), (30, 34, 26, 7, 3)
_SERIALS = 99_999


def make_rows(count: int, period: Period, today: dt.date, *, seed: int = 1) -> Iterator[tuple[Value, ...]]:
    """That many different acceptable rows, in the order of HEADER."""
    random = Random(seed)
    people = People(random, today)
    bodies = [body for body in BODIES if body.office == OFFICE]
    authority = next(office.issuing_authority for office in OFFICES if office.code == OFFICE)
    weights = [weight for _, _, weight in OCCUPATIONS]
    last_day = min(period.last_day, today)
    days = (last_day - period.first_day).days + 1
    serials: Counter[tuple[int, str, int]] = Counter()
    for _ in range(count):
        person = people.make()
        occupation, code, _weight = random.choices(OCCUPATIONS, weights=weights)[0]
        level = random.choices(_LEVELS, weights=_LEVEL_WEIGHTS)[0]
        day = period.first_day + dt.timedelta(days=random.randrange(days))
        body = random.choice(bodies)
        key = (day.year, body.code, level)
        while serials[key] >= _SERIALS:
            body = random.choice(bodies)
            level = random.choice(_LEVELS)
            key = (day.year, body.code, level)
        serials[key] += 1
        theory, skill = (round(random.triangular(60, 98, 76) * 2) / 2 for _ in range(2))
        least = min(theory, skill)
        yield (
            f"{day:%y}{body.code}{level}{serials[key]:05}",
            person.name,
            person.sex,
            person.id_type.label,
            person.number,
            person.birth_date.isoformat(),
            occupation,
            code or None,
            level_name(level).replace(" ", ""),
            theory if random.random() > 0.05 else "合格",
            skill,
            "优秀" if least >= 88 else "良好" if least >= 80 else "合格",
            day,
            day,
            authority,
            body.name,
        )


def write_csv(path: Path, rows: Iterator[tuple[Value, ...]]) -> None:
    """As Chinese spreadsheet programs save it; in UTF-8 a million rows would be larger than a file may be."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
