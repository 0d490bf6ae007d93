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


class ReasonForm(forms.Form):
    """Why something is sent back."""

    reason = forms.CharField(
        label="退回原因",
        help_text="对方会看到，请写明哪里要改、怎么改。不要写证件号码。",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写退回原因，以便对方改正。", "max_length": "退回原因最多 500 字。"},
    )
