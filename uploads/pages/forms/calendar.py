"""Fields of the leave that moves a day: periods, offices, moments."""

from datetime import datetime

from django import forms

MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]


class MomentField(forms.DateTimeField):
    """A day and a time of day, Beijing time."""

    def __init__(self, *, label: str, **kwargs: object) -> None:
        super().__init__(
            label=label,
            input_formats=MOMENT_FORMATS,
            widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
            error_messages={
                "required": f"请填写{label}。",
                "invalid": f"{label}要写成 2026-11-26 16:00 这样的日期和时间。",
            },
            **kwargs,
        )


def runs_backward(opens_at: datetime | None, closes_at: datetime | None) -> bool:
    """Whether both are given and the end isn't after the beginning."""
    return opens_at is not None and closes_at is not None and closes_at <= opens_at
