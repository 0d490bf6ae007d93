"""What a notice says of days off, as it is typed: days and ranges, each list in a field of its own."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from django import forms

from uploads.intake.holidays import Notice

_DATE: Final = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_ENTRY: Final = re.compile(rf"{_DATE}(?:\s*(?:至|到|~|～|—|–|--)\s*{_DATE})?")
_SEPARATORS: Final = re.compile(r"[\s,，;；、。]*")
_DAY: Final = timedelta(days=1)
# The longest holiday so far had ten days; a mistyped month would close a whole spring.
LONGEST_RANGE: Final = 31
MOST_DAYS: Final = 200


class DaysField(forms.CharField):
    """Days one beside or below the other, 2027-02-05 or 2027年2月5日, and ranges with 至 between; a tuple of dates."""

    def __init__(self, *, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
            error_messages={"max_length": f"{label}最多 4000 字。"},
        )

    def clean(self, value: object) -> tuple[date, ...]:
        """Read the days; what can't be read is named."""
        text = super().clean(value)
        days: list[date] = []
        at = _skip(text, 0)
        while at < len(text):
            entry = _ENTRY.match(text, at)
            if entry is None:
                shown = re.split(r"[\s,，;；、。]", text[at:], maxsplit=1)[0][:20]
                raise forms.ValidationError(
                    f"“{shown}”读不出日期。请写成 2027-02-05，连续几天写成 2027-02-05 至 2027-02-11。"
                )
            days += _days_of(entry)
            at = _skip(text, entry.end())
        if len(days) > MOST_DAYS:
            raise forms.ValidationError(f"一次最多 {MOST_DAYS} 天，现在是 {len(days)} 天。请分几次登记。")
        return tuple(days)


def _skip(text: str, at: int) -> int:
    found = _SEPARATORS.match(text, at)
    assert found is not None
    return found.end()


def _days_of(entry: "re.Match[str]") -> Sequence[date]:
    numbers = [int(part) for part in entry.groups() if part is not None]
    try:
        first, last = date(*numbers[:3]), date(*numbers[-3:])
    except ValueError as error:
        raise forms.ValidationError(f"“{entry[0]}”中有不存在的日期，请核对。") from error
    if last < first:
        raise forms.ValidationError(f"“{entry[0]}”的最后一天早于第一天，请核对。")
    if (last - first).days >= LONGEST_RANGE:
        raise forms.ValidationError(f"“{entry[0]}”超过 {LONGEST_RANGE} 天，请核对月份。")
    return [first + _DAY * n for n in range((last - first).days + 1)]


class HolidaysForm(forms.Form):
    """A notice before its consequences are shown; nothing is saved by it."""

    notice_number = forms.CharField(
        label="通知文号",
        help_text="例如 国办发明电〔2026〕7号。所有工作人员都能在放假安排中看到。",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填写通知的文号。", "max_length": "文号最多 60 字。"},
    )
    off = DaysField(
        label="放假的日子",
        help_text="只写与平常不同的也可以；周末一并写上也不妨。连续几天写成 2027-02-05 至 2027-02-11。",
    )
    working = DaysField(label="调休上班的日子", help_text="原来是周末、按通知要上班的日子。")
    restored = DaysField(label="恢复原来安排的日子", help_text="以前登记过、现在不再例外的日子。")
    announced_year = forms.TypedChoiceField(
        label="全年安排",
        help_text="选了年份，这一年的日期就不再标“暂定”。请先核对全年的放假和调休都已写上。",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "请从列表中选择年份。"},
    )
    note = forms.CharField(
        label="说明", required=False, max_length=200, error_messages={"max_length": "说明最多 200 字。"}
    )

    def __init__(self, *args: object, years: Sequence[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["announced_year"].choices = [  # type: ignore[attr-defined]
            ("", "不是全年安排"),
            *((str(year), f"{year} 年全年的安排") for year in years),
        ]

    @property
    def notice(self) -> Notice:
        """What was typed; after is_valid()."""
        typed = self.cleaned_data
        return Notice(
            number=typed["notice_number"].strip(),
            off=typed["off"],
            working=typed["working"],
            restored=typed["restored"],
            year=typed["announced_year"],
            note=typed["note"].strip(),
        )
