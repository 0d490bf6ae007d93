"""Which signatures were given by a delegate (代理): the person held the capacity then by delegation alone."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from uploads.models import CapacityGrant, Signature


def acting_among(signatures: "QuerySet[Signature]") -> set[int]:
    """The ids of the signatures that were given in somebody else's place; one on paper never is."""
    held = (
        CapacityGrant.objects.valid(OuterRef("effective_at"))
        .filter(person=OuterRef("person"), capacity=OuterRef("capacity"))
        .filter(Q(office=None) | Q(office=OuterRef("batch__office")))
    )
    found = signatures.filter(
        Exists(held.exclude(delegated_by=None)), ~Exists(held.filter(delegated_by=None)), on_paper=False
    )
    return set(found.values_list("id", flat=True))
