"""The form that looks for findings."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms

from uploads.intake.findings_shown import SEVERITIES, RuleCount
from uploads.models import Change

_ROWS = re.compile(r"\s*(\d{1,8})\s*(?:[-~–—至到]\s*(\d{1,8})\s*)?")
_WITHOUT_A_COLUMN = {"file": "全文件", "row": "整行"}


class ProblemFilterForm(forms.Form):
    """Which findings are shown; whatever isn't valid doesn't filter."""

    rule = forms.ChoiceField(label="规则", required=False)
    severity = forms.ChoiceField(
        label="轻重",
        required=False,
        choices=[("", "全部"), *((value, label) for value, (label, _) in SEVERITIES.items())],
    )
    field = forms.ChoiceField(label="列", required=False)
    row = forms.CharField(
        label="行号（如 12 或 12-40）",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    change = forms.ChoiceField(label="与上一次相比", required=False, choices=[("", "全部"), *Change.choices])

    def __init__(self, *args: object, rules: Sequence[RuleCount], compared: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        numbers = sorted({line.rule for line in rules})
        columns = {line.field: _WITHOUT_A_COLUMN.get(line.field) or line.column or line.field for line in rules}
        self.fields["rule"].choices = [("", "全部"), *((rule, rule) for rule in numbers)]  # type: ignore[attr-defined]
        self.fields["field"].choices = [("", "全部"), *columns.items()]  # type: ignore[attr-defined]
        if not compared:
            del self.fields["change"]

    def clean_row(self) -> tuple[int, int] | None:
        """A number, or the first and the last."""
        found = _ROWS.fullmatch(unicodedata.normalize("NFKC", self.cleaned_data["row"]))
        if found is None:
            return None
        first = int(found[1])
        return first, int(found[2] or first)

    @property
    def chosen(self) -> dict[str, Any]:
        """As find_problems takes it."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name, "") for name in ("rule", "severity", "field", "change")}
        return found | {"rows": self.cleaned_data.get("row")}
