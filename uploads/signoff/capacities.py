"""Who signs what, in which order (R8): the same rows as the table `required_signature` in the database."""

from dataclasses import dataclass

from uploads.models import BatchKind, Capacity, WayIn

RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Required:
    """One signature: its place in the order, and whether it is the publisher's 上传上网."""

    subject: str
    way_in: str
    ordinal: int
    capacity: Capacity
    is_publisher: bool = False


BATCH_SIGNERS = (Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR)
RELEASE_SIGNERS = (
    Capacity.PROVINCIAL_OPERATOR,
    Capacity.DEPARTMENT_HEAD,
    Capacity.DEPUTY_DIRECTOR,
    Capacity.NETWORK_ADMINISTRATOR,
)

REQUIRED: tuple[Required, ...] = (
    *(
        Required(kind.value, way.value, ordinal, capacity)
        for kind in BatchKind
        for way in (WayIn.ACCOUNT, WayIn.PAPER)
        for ordinal, capacity in enumerate(BATCH_SIGNERS, 1)
    ),
    *(
        Required(RELEASE, "", ordinal, capacity, capacity is Capacity.NETWORK_ADMINISTRATOR)
        for ordinal, capacity in enumerate(RELEASE_SIGNERS, 1)
    ),
)


def required_for_batch(kind: str, way_in: str) -> tuple[Required, ...]:
    """The signatures a batch needs before it is submitted; none for 省本级."""
    return tuple(required for required in REQUIRED if (required.subject, required.way_in) == (kind, way_in))


def required_for_release() -> tuple[Required, ...]:
    """The signatures a release needs, the publisher's last."""
    return tuple(required for required in REQUIRED if required.subject == RELEASE)
