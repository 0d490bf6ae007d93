"""The form of a pre-check: a file as it would be sent, without what only a real upload needs."""

from collections.abc import Sequence

from django import forms

from certlookup.calendar.periods import Period
from uploads.pages.forms.batches import UploadForm


class PrecheckForm(UploadForm):
    """Whose data, of which half-month, and the file; its origin is told when it is sent."""

    def __init__(self, *args: object, offices: Sequence[str], current: Period, **kwargs: object) -> None:
        super().__init__(*args, offices=offices, current=current, **kwargs)
        del self.fields["origin"], self.fields["hand_made_reason"]
        self.hide_unasked()
        self.fields["file"].label = "要检查的文件"

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields below the office, in their order."""
        return [field for field in self.visible_fields() if field.name != "office"]
