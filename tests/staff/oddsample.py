"""A sample of a layout that nobody has seen yet, and the form that maps it."""

import io
import re

import openpyxl

from tests.make import make_period, make_row

ODD_HEADER = ("流水", "编号", "证号", "考生", "M/F", "出生", "工种名", "技能级", "发证", "理论", "实操")


def make_odd_sample(*, rows: int = 3, title_rows: int = 2, sheets: int = 1) -> bytes:
    """Rows below title rows: sex as M and F, levels as J3, days before months, 编号 a running number, no issuer."""
    workbook = openpyxl.Workbook()
    for number in range(sheets):
        sheet = workbook.create_sheet(f"表{number + 1}")
        for line in range(title_rows):
            sheet.append([f"某市技能鉴定数据{line}"])
        sheet.append(list(ODD_HEADER))
        for place in range(rows):
            row = make_row(seed=place + 1)
            issued = f"{make_period().first_day:%d/%m/%Y}"
            number_text = str(row["证件号码"])
            born = f"{number_text[12:14]}/{number_text[10:12]}/{number_text[6:10]}"
            sheet.append([place + 1, row["证书编号"], number_text, "张𠮷", "M", born, "电工", "J3", issued, 80, "合格"])
    del workbook["Sheet"]
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def fields_on(page: str) -> dict[str, object]:
    """What a browser would send of the page's form, as it stands."""
    sent: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if name is None or name[1] == "csrfmiddlewaretoken":
            continue
        if kind is not None and kind[1] == "checkbox":
            if "checked" in tag:
                sent.setdefault(name[1], [])
                sent[name[1]].append(value[1] if value else "on")  # type: ignore[attr-defined]
            continue
        sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', page, flags=re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        sent[name] = chosen[1] if chosen else first[1] if first else ""
    return sent
