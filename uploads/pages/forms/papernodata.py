"""本期无数据 as a city signed it on paper: the same sheet as a file's, without a file."""

from typing import Any

from django import forms

from uploads.pages.forms.batches import NoDataForm, PaperForm, SignerNameField, SignerNumberField

# Wrong twice if they were written twice: the day and the scan are asked for as with a file's sheet.
_OF_A_SHEET = PaperForm.declared_fields  # type: ignore[attr-defined]


class PaperNoDataForm(NoDataForm):
    """Both signers, the date and the scan of a sheet that says 本期无数据."""

    operator_number = SignerNumberField("经办人")
    operator_name = SignerNameField("经办人")
    director_number = SignerNumberField("主任")
    director_name = SignerNameField("主任")
    signed_on = _OF_A_SHEET["signed_on"]
    scan = _OF_A_SHEET["scan"]
    confirm = forms.BooleanField(
        label="审签表上写明本期无数据，两位签字人都已签字。",
        error_messages={"required": "请先核对审签表，再勾选确认。"},
    )

    clean_signed_on = PaperForm.clean_signed_on
    clean_scan = PaperForm.clean_scan

    def clean(self) -> dict[str, Any]:
        """Two signers, who signed when the half-month had begun."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        period, signed_on = cleaned.get("period"), cleaned.get("signed_on")
        if period and signed_on and signed_on < period.first_day:
            self.add_error("signed_on", "签字日期早于本期次的第一天，请核对日期和期次。")
        first, second = cleaned.get("operator_number"), cleaned.get("director_number")
        if first and first == second:
            self.add_error("director_number", "主任与经办人须是不同的两个人，请核对工号。")
        return cleaned
