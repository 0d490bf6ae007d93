"""In which capacities a person may act now, read anew for every request: a grant that ends, ends at once."""

from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from uploads.actor import Actor
from uploads.models import Capacity, CapacityGrant, Person
from uploads.refusals import Refusal


def grants_of(person: Person, at: datetime) -> list[CapacityGrant]:
    """The person's grants that hold at that time, with their offices."""
    return list(
        CapacityGrant.objects.valid(at).filter(person=person).select_related("office", "delegated_by").order_by("id")
    )


def read_grants(person: Person, at: datetime) -> list[CapacityGrant]:
    """The same, and the person keeps them for every question of what is left of this request."""
    wanted = CapacityGrant.objects.select_related("office", "delegated_by").order_by("id")
    prefetch_related_objects([person], Prefetch("grants", wanted))
    return [grant for grant in person.grants.all() if grant.holds_at(at)]


def require(by: Actor, at: datetime, *capacities: Capacity) -> None:
    """Refuse unless the actor acts in one of these capacities and holds it."""
    if by.capacity not in capacities or not any(grant.capacity == by.capacity for grant in grants_of(by.person, at)):
        raise Refusal("person_not_entitled", by.capacity)
