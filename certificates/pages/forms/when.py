"""The small form on the not-found page: what the visitor knows of the certificate's dates and office."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.dates import DateError, DateProblem
from certificates.models import Office
from certificates.officenames import has_english_name, office_name
from certificates.whenonline import Basis, read_days

DAY_INPUT = forms.TextInput(attrs={"class": "day", "autocomplete": "off", "spellcheck": "false"})


def read_typed_days(typed: str) -> tuple[date, date]:
    """The days that were typed. Raises ValidationError, which says how dates are written."""
    try:
        return read_days(typed, timezone.localdate())
    except DateError as error:
        if error.problem is DateProblem.EMPTY:
            raise ValidationError(gettext("请填写日期。")) from error
        if error.problem is DateProblem.IMPOSSIBLE:
            raise ValidationError(gettext("没有这个日期，或者在今天以后，请核对。")) from error
        raise ValidationError(gettext("请写成 2026-11-03 这样的日期；记不清的，可以只写 2026-11 或 2026。")) from error


class OfficeOptions(forms.Select):
    """The list of offices; one that the English page has in Chinese says so."""

    def create_option(self, name: str, value: object, *args: object, **kwargs: object) -> dict[str, object]:
        """As Django makes it, with its language."""
        option: dict[str, object] = super().create_option(name, value, *args, **kwargs)  # type: ignore[arg-type]
        office = getattr(value, "instance", None)
        if isinstance(office, Office) and not has_english_name(office.code):
            option["attrs"] = dict(option["attrs"] or {}) | {"lang": "zh-Hans"}  # type: ignore[call-overload]
        return option


class OfficeField(forms.ModelChoiceField):
    """The office whose centre handed out the certificate; empty where the visitor doesn't know."""

    def __init__(self) -> None:
        super().__init__(
            queryset=Office.objects.for_visitors().order_by("code"),
            label=_("哪里办的证"),
            help_text=_("办证的市；省里直接办的选省本级"),
            required=False,
            empty_label=_("不清楚"),
            widget=OfficeOptions,
            error_messages={"invalid_choice": _("请在列表中选择。")},
        )

    def label_from_instance(self, obj: Office) -> str:
        """As every page calls it."""
        return office_name(obj.code, obj.name)


class WhenForm(forms.Form):
    """cleaned_data: basis, days (the first and the last in question), office or None."""

    use_required_attribute = False

    basis = forms.ChoiceField(
        label=_("您知道的是"),
        choices=[
            (Basis.RECEIVED, _("领到证书的日期")),
            (Basis.ISSUED, _("证书上印的发证日期")),
            (Basis.ABOUT, _("大约的办证时间")),
        ],
        widget=forms.RadioSelect,
        initial=Basis.RECEIVED,
        error_messages={"required": _("请选择一项。"), "invalid_choice": _("请选择一项。")},
    )
    days = forms.CharField(
        label=_("日期"), help_text=_("例如 2026-11-03；记不清的，可以只写 2026-11 或 2026"), required=False, max_length=40,
        error_messages={"max_length": _("日期过长，请只填写年月日。")}, widget=DAY_INPUT,
    )  # fmt: skip
    office = OfficeField()

    def clean_basis(self) -> Basis:
        """One of the three."""
        return Basis(self.cleaned_data["basis"])

    def clean_days(self) -> tuple[date, date]:
        """A day, a month or a year."""
        return read_typed_days(self.cleaned_data["days"])
