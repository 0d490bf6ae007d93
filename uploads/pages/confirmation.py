"""The second factor again, on the page of a grave act: in which capacity, and the code of this moment.

    form = SigningForm(request.POST, staff=request.staff, capacities=[Capacity.CITY_DIRECTOR])
    if form.is_valid():
        sign_batch(by=form.actor, batch=batch, digest=form.seen)

Subclass ConfirmationForm to add fields. The code is spent only when all other fields are right,
and it stays spent whatever the action answers: one confirmation, one attempt.
"""

from collections.abc import Collection

from django import forms

from uploads.actor import Actor
from uploads.models import Capacity, Outcome
from uploads.oversight.audit import record
from uploads.pages.forms.fields import CodeField, reason_field, return_reason_field
from uploads.pages.frame import Staff
from uploads.people.twofactor import seconds_until_next_code, verify_code
from uploads.refusals import SENTENCES


class SecondFactorForm(forms.Form):
    """The code alone, for what concerns nothing but the own account: whoever holds no capacity has one, too."""

    otp = CodeField()

    def __init__(self, *args: object, staff: Staff, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        wait = seconds_until_next_code(staff.person)
        if wait:
            self.fields["otp"].help_text = f"您刚用过一个动态码，下一个 {wait} 秒后出现在身份验证器上。"
        self.order_fields([*(name for name in self.fields if name != "otp"), "otp"])

    def _post_clean(self) -> None:
        """Runs after every field and every clean(): only then is the code worth spending."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            if "otp" not in self.errors:
                self.fields["otp"].help_text = "改正其他内容后，请再输入动态码。"
            return
        check = verify_code(person=self.staff.person, code=self.cleaned_data["otp"])
        if not check.accepted:
            record(
                by=self.staff.actor(),
                action="confirmation.refused",
                subject_kind="form",
                subject_id=type(self).__name__[:40],
                outcome=Outcome.REFUSED,
                detail={"reason": f"code_{check.outcome}"},
            )
            self.add_error("otp", check.sentence)


class ConfirmationForm(SecondFactorForm):
    """Fields otp and, where the person holds several of the allowed capacities, the choice of one."""

    capacity = forms.ChoiceField(label="办理身份", error_messages={"required": "请选择以哪个身份办理。"})

    def __init__(self, *args: object, staff: Staff, capacities: Collection[Capacity], **kwargs: object) -> None:
        super().__init__(*args, staff=staff, **kwargs)
        held = [capacity for capacity in staff.capacities if capacity in capacities]
        field = self.fields["capacity"]
        field.choices = [(capacity.value, capacity.label) for capacity in held]  # type: ignore[attr-defined]
        if len(held) == 1:
            field.initial = held[0].value
            field.widget = forms.HiddenInput()

    @property
    def actor(self) -> Actor:
        """`by` of the confirmed action; after is_valid()."""
        return self.staff.actor(self.cleaned_data["capacity"])


class SigningForm(ConfirmationForm):
    """A signature on what was seen: the digest travels with the form."""

    digest = forms.RegexField(
        r"^[0-9a-f]{64}$",
        widget=forms.HiddenInput(),
        error_messages=dict.fromkeys(("required", "invalid"), "页面上的数据摘要不完整，请刷新页面后重新核对。"),
    )

    @property
    def seen(self) -> bytes:
        """The digest as the actions take it; after is_valid()."""
        return bytes.fromhex(self.cleaned_data["digest"])


class ReturnForm(ConfirmationForm):
    """Sending a batch or a release back, with the reason that its makers read."""

    reason = return_reason_field()

    def __init__(self, *args: object, staff: Staff, capacities: Collection[Capacity], **kwargs: object) -> None:
        # A batch's page shows a signing form as well, which has the plain ids.
        super().__init__(*args, staff=staff, capacities=capacities, auto_id="id_return_%s", **kwargs)


class WithdrawalForm(ConfirmationForm):
    """Taking one's own signature back, with the reason that the other signers read."""

    reason = reason_field(
        "撤回原因",
        "其他签字人会看到。不要写证件号码。",
        longest=500,
        required=SENTENCES["withdrawal_without_a_reason"],
    )
