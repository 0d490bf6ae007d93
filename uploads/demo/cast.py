"""Who acts in the demo: two people per city and nine of the province, none of them real."""

from dataclasses import dataclass

from certificates.reference import PROVINCE
from uploads.actor import Actor
from uploads.models import Capacity, Person
from uploads.samples.bodies import OFFICES

ADDRESS = "127.0.0.1"
CITIES = tuple(office.code for office in OFFICES if office.code != PROVINCE)

_SURNAMES = "齐鲁岱泉沂济汶泗洙潍淄博胶莱登牟芝罘嵛崂沭蒙峄滕枣聊阳谷临清郓菏定曹单成武巨野鄄东明"
_GIVEN = (
    "知远", "文澜", "若溪", "子衿", "云帆", "景行", "怀瑾", "思齐", "致和", "明德", "清和", "乐山", "望舒", "守正", "行之",
    "以宁", "嘉禾", "书亭", "向晚", "长庚",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    """One demo account before it has a password: who, in which capacity, for which office."""

    staff_number: str
    name: str
    capacity: Capacity
    office: str


def _roles() -> tuple[Role, ...]:
    wanted = [
        (f"{city}{place:02}", capacity, city)
        for city in CITIES
        for place, capacity in enumerate((Capacity.CITY_OPERATOR, Capacity.CITY_DIRECTOR), 1)
    ]
    province = (
        Capacity.PROVINCIAL_OPERATOR,
        Capacity.PROVINCIAL_OPERATOR,
        Capacity.DEPARTMENT_HEAD,
        Capacity.DEPUTY_DIRECTOR,
        Capacity.NETWORK_ADMINISTRATOR,
        Capacity.KEEPER,
        Capacity.SYSTEM_ADMINISTRATOR,
        Capacity.SECURITY_ADMINISTRATOR,
        Capacity.AUDIT_ADMINISTRATOR,
    )
    wanted += [(f"{PROVINCE}{place:02}", capacity, PROVINCE) for place, capacity in enumerate(province, 1)]
    return tuple(
        Role(number, _SURNAMES[place % len(_SURNAMES)] + _GIVEN[place * 7 % len(_GIVEN)], capacity, office)
        for place, (number, capacity, office) in enumerate(wanted)
    )


ROLES: tuple[Role, ...] = _roles()
# Whoever brings a file in can't sign the release that contains it (R8), so the province has two operators.
IMPORTER, RELEASE_OPERATOR = f"{PROVINCE}01", f"{PROVINCE}02"


class Cast:
    """The demo's people, once they are in the database, ready to act."""

    def __init__(self) -> None:
        people = {person.staff_number: person for person in Person.objects.all()}
        self._actors = {
            role.staff_number: Actor(people[role.staff_number], str(role.capacity), ADDRESS)
            for role in ROLES
            if role.staff_number in people
        }
        self.importer = self._actors[IMPORTER]

    def operator(self, city: str) -> Actor:
        """The city's operator."""
        return self._actors[f"{city}01"]

    def director(self, city: str) -> Actor:
        """The city's director."""
        return self._actors[f"{city}02"]

    def reporter(self, office: str) -> Actor:
        """Who brings the office's file in: the city's operator, or for 省本级 the provincial one."""
        return self.importer if office == PROVINCE else self.operator(office)

    def of_province(self, capacity: str) -> Actor:
        """Who acts for the province in the capacity; as operator the one who signs."""
        if capacity == Capacity.PROVINCIAL_OPERATOR:
            return self._actors[RELEASE_OPERATOR]
        return next(actor for actor in self._actors.values() if actor.capacity == capacity)
