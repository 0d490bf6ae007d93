"""The confirmation of 上传上网, on a release's page; any other signature there is confirmation.SigningForm."""

from collections.abc import Collection

from uploads.models import Capacity
from uploads.pages.confirmation import SigningForm
from uploads.pages.forms.fields import reason_field
from uploads.pages.frame import Staff


class PublishReleaseForm(SigningForm):
    """上传上网; after the release's day with the reason why it is late (R7)."""

    late_reason = reason_field(
        "延迟上网的原因", "随本次上网公布并存档。", required="已过上网日期，请填写延迟上网的原因。"
    )

    def __init__(
        self, *args: object, staff: Staff, capacities: Collection[Capacity], is_late: bool, **kwargs: object
    ) -> None:
        super().__init__(*args, staff=staff, capacities=capacities, **kwargs)
        if not is_late:
            del self.fields["late_reason"]
