"""通知: what staff tell visitors. A notice is never deleted; it ends, and the audit holds who wrote and changed it."""

from datetime import date

from django.db import models
from django.db.models import F, Q


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown(self, at: date) -> "NoticeQuerySet":
        """Those that visitors see on that day, the newest first."""
        return self.filter(Q(shown_until=None) | Q(shown_until__gte=at), shown_from__lte=at).order_by(
            "-shown_from", "-id"
        )


class Notice(models.Model):
    """A notice in Chinese, in English too where both English fields are filled in."""

    title = models.CharField(max_length=80)
    text = models.TextField(max_length=4000)
    english_title = models.CharField(max_length=160, blank=True)
    english_text = models.TextField(max_length=8000, blank=True)
    shown_from = models.DateField()
    shown_until = models.DateField(null=True, blank=True)
    on_home = models.BooleanField(default=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notice"
        ordering = ["-shown_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_until=None) | Q(shown_until__gte=F("shown_from")), name="notice_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="notice_says_something"),
            models.CheckConstraint(
                condition=Q(english_title="", english_text="") | (~Q(english_title="") & ~Q(english_text="")),
                name="notice_is_in_english_whole_or_not",
            ),
        ]

    def __str__(self) -> str:
        return self.title
