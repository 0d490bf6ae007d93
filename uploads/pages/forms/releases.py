"""The release pages' forms that need no second factor."""

from collections.abc import Collection

from django import forms


class AssembleForm(forms.Form):
    """Which of the period's submitted batches go into the release."""

    batches = forms.TypedMultipleChoiceField(
        label="批次",
        coerce=int,
        error_messages={
            "required": "请至少选择一个批次。",
            "invalid_choice": "所选批次中有的刚被退回，或已进入别的汇总批次。下表是现在可以汇总的批次，请重新核对。",
        },
    )

    def __init__(self, *args: object, batch_ids: Collection[int], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["batches"].choices = [(batch_id, str(batch_id)) for batch_id in batch_ids]  # type: ignore[attr-defined]
