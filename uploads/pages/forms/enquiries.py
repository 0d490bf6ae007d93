"""Staff's forms for enquiries and reports: which are listed, the answer, what was done."""

from django import forms

from certificates.models import Office
from uploads.pages.forms.explanations import refuse_id_numbers
from uploads.pages.forms.fields import reason_field

NO_OFFICE = "none"


class EnquiryFilterForm(forms.Form):
    """Whose enquiries, in which state."""

    state = forms.ChoiceField(
        label="状态",
        choices=[("open", "未办结"), ("waiting", "待受理"), ("answered", "已答复"), ("closed", "已办结")],
        required=False,
    )
    office = forms.ChoiceField(label="单位", required=False)

    def __init__(self, *args: object, offices: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if offices:
            listed = [(office.code, office.name) for office in Office.objects.order_by("code")]
            self.fields["office"].choices = [("", "全部"), (NO_OFFICE, "不清楚"), *listed]  # type: ignore[attr-defined]
        else:
            del self.fields["office"]


class AnswerForm(forms.Form):
    """The answer as the holder reads it."""

    text = reason_field(
        "答复",
        "登记人凭受理编号看到：写明查到了什么、接下来怎么办。不要写证件号码。",
        longest=1000,
        required="请填写答复，登记人在等。",
    )
    close = forms.BooleanField(label="同时办结（不再需要办理）", required=False)

    def clean_text(self) -> str:
        """It is shown to whoever has the receipt number."""
        return refuse_id_numbers(self.cleaned_data["text"])


class HandlingForm(forms.Form):
    """What was done about a report."""

    handling = reason_field(
        "办理情况", "核实的结果和采取的措施，只供内部查看。不要写证件号码。", longest=1000, required="请填写办理情况。"
    )

    def clean_handling(self) -> str:
        """Kept without the report's seal."""
        return refuse_id_numbers(self.cleaned_data["handling"])
