"""The form of a comparison with the archive: for each row of the sample whether it agrees, and what differs."""

from collections.abc import Sequence

from django import forms

from uploads.pages.forms.explanations import refuse_id_numbers
from uploads.signoff.compare import Finding

AGREES, DIFFERS = "yes", "no"


class ComparisonForm(forms.Form):
    """All rows at once. The button 全部一致 (all) stands below the last row and answers for every one of them."""

    digest = forms.RegexField(
        r"^[0-9a-f]{64}$",
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "invalid"), "页面上的数据摘要不完整，请刷新页面后重新核对。"),
    )

    def __init__(self, *args: object, rows: Sequence[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.rows = rows
        for number in rows:
            self.fields[f"agrees_{number}"] = forms.ChoiceField(
                label=f"第 {number} 行",
                choices=[(AGREES, "一致"), (DIFFERS, "不一致")],
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"remark_{number}"] = forms.CharField(
                label=f"第 {number} 行哪里不一致",
                required=False,
                max_length=200,
                widget=forms.TextInput(attrs={"placeholder": "不一致的，写明哪里", "autocomplete": "off"}),
                error_messages={"max_length": "最多 200 字。"},
            )

    def clean(self) -> None:
        """Every row is answered for, and what differs is said."""
        if "all" in self.data:
            if any(self.cleaned_data.get(f"agrees_{number}") == DIFFERS for number in self.rows):
                self.add_error(None, "您勾选了不一致的记录，不能按“全部一致”记录。请改用“按勾选记录”。")
            return
        for number in self.rows:
            agrees = self.cleaned_data.get(f"agrees_{number}")
            remark = self.cleaned_data.get(f"remark_{number}", "")
            if not agrees:
                self.add_error(f"agrees_{number}", f"第 {number} 行还没有核对。")
            elif agrees == DIFFERS and not remark.strip():
                self.add_error(f"remark_{number}", f"第 {number} 行：请写明哪里不一致。")
            try:
                refuse_id_numbers(remark)
            except forms.ValidationError as error:
                self.add_error(f"remark_{number}", error)

    @property
    def seen(self) -> bytes:
        """The digest as the action takes it; after is_valid()."""
        return bytes.fromhex(self.cleaned_data["digest"])

    @property
    def findings(self) -> dict[int, Finding]:
        """What was found, by row number; after is_valid()."""
        if "all" in self.data:
            return dict.fromkeys(self.rows, Finding(agrees=True))
        return {
            number: Finding(
                agrees=self.cleaned_data[f"agrees_{number}"] == AGREES, remark=self.cleaned_data[f"remark_{number}"]
            )
            for number in self.rows
        }

    def fields_of(self, number: int) -> tuple[forms.BoundField, forms.BoundField]:
        """The two fields of a row."""
        return self[f"agrees_{number}"], self[f"remark_{number}"]
