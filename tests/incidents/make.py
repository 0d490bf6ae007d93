"""Incidents and those who deal with them."""

from datetime import timedelta

from django.utils import timezone

from tests.make import make_actor, make_person
from uploads.actor import Actor
from uploads.models import Capacity, Incident, IncidentKind, Person
from uploads.oversight.incidents import open_incident


class Watch:
    """The people who are told, and the account that it is about."""

    def __init__(self, account: Person | None = None) -> None:
        self.account = account or make_person(name="失窃者")
        self.security = make_actor(Capacity.SECURITY_ADMINISTRATOR)
        self.head = make_actor(Capacity.DEPARTMENT_HEAD)
        self.deputy = make_actor(Capacity.DEPUTY_DIRECTOR)
        self.auditor = make_actor(Capacity.AUDIT_ADMINISTRATOR)
        self.system = make_actor(Capacity.SYSTEM_ADMINISTRATOR)

    @property
    def notified(self) -> tuple[Actor, Actor, Actor]:
        return self.security, self.head, self.deputy


def make_incident(watch: Watch, *, suspected_crime: bool = False, hours_ago: int = 24) -> Incident:
    return open_incident(
        by=watch.security,
        kind=IncidentKind.ACCOUNT_LOSS,
        account=watch.account,
        since=timezone.now() - timedelta(hours=hours_ago),
        description="手机遗失",
        suspected_crime=suspected_crime,
    )
