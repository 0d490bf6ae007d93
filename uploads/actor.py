"""Who acts: the person, the capacity he acts in, and the address he comes from."""

from dataclasses import dataclass

from uploads.models import Person


@dataclass(frozen=True, slots=True)
class Actor:
    """`by` of every action. capacity is a Capacity's value, or '' where none is needed; address is for the audit."""

    person: Person
    capacity: str = ""
    address: str = ""
