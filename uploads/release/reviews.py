"""核查: a leader hides one certificate at once, and decides in a set time what becomes of it (R6)."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from certificates.models import Certificate
from uploads.actor import Actor
from uploads.models import ReviewOrder
from uploads.oversight.audit import one_act


@dataclass(frozen=True, slots=True)
class ShownReview:
    """One order, open or ended, as pages show it; days_left is negative when the decision is overdue."""

    order: ReviewOrder
    holder_name: str
    days_left: int

    @property
    def is_open(self) -> bool:
        return self.order.ended_at is None

    @property
    def is_confirmed(self) -> bool:
        return self.order.confirmed_at is not None

    @property
    def waits(self) -> bool:
        """Whether the leader's decision is still missing."""
        return self.is_open and not self.is_confirmed

    @property
    def is_overdue(self) -> bool:
        return self.waits and self.days_left < 0

    @property
    def days_late(self) -> int:
        return max(0, -self.days_left)

    @property
    def state(self) -> str:
        if self.waits:
            return "待决定"
        if self.is_open:
            return "属实，待撤销"
        return "已解除" if self.order.revoked_by_id is None else "已撤销"

    @property
    def tone(self) -> str:
        if self.is_overdue:
            return "bad"
        return "warn" if self.is_open else ""


def order_review(*, by: Actor, certificate_number: str, reason: str, document: str) -> int:
    """Hide the certificate: a lookup shows 核查中 from now on. Gives the order's id. Raises Refusal."""
    with (
        one_act(
            by=by,
            action="certificate.order_review",
            subject_kind="certificate",
            subject_id=certificate_number,
        ),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT order_review(%s, %s, %s, %s, %s, %s)",
            [certificate_number, by.person.id, reason.strip(), document.strip(), settings.REVIEW_DAYS, by.address],
        )
        return int(cursor.fetchone()[0])


def lift_review(*, by: Actor, order: ReviewOrder, reason: str) -> None:
    """Show the certificate again. Raises Refusal."""
    _decide(by, order, "lifted", reason)


def confirm_review(*, by: Actor, order: ReviewOrder, reason: str) -> None:
    """The suspicion is right: the certificate stays hidden until its revocation is published. Raises Refusal."""
    _decide(by, order, "confirmed", reason)


def _decide(by: Actor, order: ReviewOrder, decision: str, reason: str) -> None:
    number = order.certificate_number
    with (
        one_act(by=by, action="certificate.decide_review", subject_kind="certificate", subject_id=number),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT decide_review(%s, %s, %s, %s, %s)", [order.id, by.person.id, decision, reason.strip(), by.address]
        )


def open_reviews(today: date) -> list[ShownReview]:
    """The orders that haven't ended, the most urgent first."""
    return show_reviews(ReviewOrder.objects.filter(ended_at=None).order_by("decide_by", "id"), today)


def ended_reviews(today: date, at_most: int) -> list[ShownReview]:
    """The orders that ended last."""
    return show_reviews(ReviewOrder.objects.exclude(ended_at=None).order_by("-ended_at")[:at_most], today)


def reviews_of(certificate_number: str, today: date) -> list[ShownReview]:
    """All orders about one certificate, oldest first."""
    return show_reviews(ReviewOrder.objects.filter(certificate_number=certificate_number), today)


def show_reviews(orders: "QuerySet[ReviewOrder]", today: date) -> list[ShownReview]:
    """With the holder's name and the days left."""
    listed = list(orders.select_related("ordered_by", "confirmed_by", "lifted_by", "revoked_by"))
    found = Certificate.objects.filter(pk__in=[order.certificate_number for order in listed])
    names = dict(found.values_list("certificate_number", "holder_name"))
    return [
        ShownReview(order, names.get(order.certificate_number, ""), (order.decide_by - today).days) for order in listed
    ]
