"""A file such as the exam system exports: its own columns below three title lines, sex and level in its own spellings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from random import Random

from certificates.idnumber import IdType
from certlookup.calendar.holidays import Holidays
from certlookup.calendar.periods import Period, current_period
from certlookup.spreadsheets.writing import SheetColumn, SheetContent, Value, write_workbook
from uploads.samples.bodies import BODIES, OFFICES
from uploads.samples.occupations import OCCUPATIONS
from uploads.samples.people import People

OFFICE = "3701"
ROWS = 30
HEADERS = (
    "考号", "身份证号", "姓名", "职业", "等级", "性别", "出生日期", "报名单位", "工龄", "文化程度", "考生来源", "理论成绩",
    "实操成绩", "综合成绩", "证书号", "颁证日期", "备注",
)  # fmt: skip
_TEXT_COLUMNS = {"考号", "身份证号", "证书号"}
# Level by level, as exports were seen to write it.
SPELLINGS: dict[int, tuple[Value, ...]] = {
    5: ("五级", 5, "初级", "初级工", "初级技能", "国家职业资格五级（初级技能）"),
    4: ("四级", 4, "中级", "中级工", "中级技能", "国家职业资格四级（中级技能）"),
    3: ("三级", 3, "高级", "高级工", "高级技能", "国家职业资格三级（高级技能）"),
    2: ("二级", 2, "技师", "国家职业资格二级（技师）"),
    1: ("一级", 1, "高级技师", "国家职业资格一级（高级技师）"),
}
# Above the serials of the other sample files.
_FIRST_SERIAL = 90_001


def write_exam_export(folder: Path, *, seed: int, today: dt.date, holidays: Holidays) -> Path:
    """Write the file into the folder, for the half-month that staff are working on; returns its path.

    Nobody in it exists. Every row is acceptable by the import profile exam-system.
    """
    folder.mkdir(parents=True, exist_ok=True)
    office = next(office for office in OFFICES if office.code == OFFICE)
    period = current_period(today, holidays)
    path = folder / f"exam-system_{OFFICE}_{period.code}.xlsx"
    title = (f"{office.name}职业技能鉴定成绩汇总表", f"鉴定机构：{office.full_name}", f"导出日期：{today:%Y-%m-%d}")
    columns = [SheetColumn(header, is_text=header in _TEXT_COLUMNS) for header in HEADERS]
    rows = _rows(Random(f"exam-system {seed}"), period, today)  # noqa: S311 - repeatable, and no secret
    write_workbook(path, [SheetContent("成绩", columns, rows, title)])
    return path


def _rows(random: Random, period: Period, today: dt.date) -> Iterator[list[Value]]:
    people = People(random, today)
    body = next(body for body in BODIES if body.office == OFFICE)
    day = min(period.first_day, today)
    for place in range(ROWS):
        person = people.make()
        while person.id_type is not IdType.RESIDENT_ID:
            person = people.make()
        level = 5 - place % 5
        spellings = SPELLINGS[level]
        sexes: tuple[Value, Value] = ("男", 1) if person.sex == "男" else ("女", "2")
        occupation, _, _ = random.choice(OCCUPATIONS)
        yield [
            f"{day:%Y%m}{place + 1:05}",
            person.number,
            person.name,
            occupation,
            spellings[place // 5 % len(spellings)],
            sexes[place % 2],
            f"{person.birth_date:%Y%m%d}",
            "示例职业培训学校",
            place % 9 + 1,
            "高中",
            "社会人员",
            float(random.randint(120, 196)) / 2,
            float(random.randint(120, 196)) / 2,
            float(random.randint(120, 196)) / 2 if level <= 2 else None,
            f"{day:%y}{body.code}{level}{_FIRST_SERIAL + place}",
            day,
            None,
        ]
