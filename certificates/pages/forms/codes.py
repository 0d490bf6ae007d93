"""The forms around verification codes: which code, how long, and the ID number that somebody compares."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from certificates.codes import DAYS
from certificates.forms import LookupForm
from certificates.randomcodes import CODE_LENGTH, read_code


class CodeForm(forms.Form):
    """A code as it stands on a slip; cleaned_data holds it as it is stored."""

    use_required_attribute = False

    code = forms.CharField(
        label=_("核验码"),
        help_text=_("核验单上的 16 位字母和数字，横线可不填"),
        required=False,
        strip=False,
        widget=forms.TextInput(
            attrs={"class": "number", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        """Whatever isn't written like a code is one letter or more from any; which, nobody can say."""
        typed = self.cleaned_data["code"]
        if not typed.strip():
            raise ValidationError(gettext("请填写核验码。"))
        return read_code(typed, CODE_LENGTH) or ""


class NewCodeForm(forms.Form):
    """How long a new code can be opened."""

    days = forms.TypedChoiceField(
        label=_("有效期"),
        choices=[(days, str(days)) for days in DAYS],
        coerce=int,
        error_messages={"required": _("请选择有效期。"), "invalid_choice": _("请选择有效期。")},
    )


class CompareForm(LookupForm):
    """One ID number, read as a lookup reads it."""

    certificate_number = None  # type: ignore[assignment]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["id_number"].label = _("您手头的证件号码")
        self.fields["id_number"].help_text = _("填写对方出示的证件上的号码，看是否为这张证书登记的号码")
