"""The demo's backup media: two plugged in, a third with the keeper."""

from django.conf import settings

from uploads.backup.custody import answer_hand_over, hand_over_medium, register_medium
from uploads.demo.cast import Cast
from uploads.models import Capacity, HandOver, HandOverAnswer, Medium

SERIAL_NUMBERS = ("DEMO-4C53-0001", "DEMO-4C53-0002", "DEMO-4C53-0003")


def register_media(cast: Cast) -> None:
    """Those that are missing yet, at the configured places in their order."""
    administrator = cast.of_province(Capacity.NETWORK_ADMINISTRATOR)
    places = [str(place) for place in settings.BACKUP_PLACES[1:3]]
    for serial_number, place in zip(SERIAL_NUMBERS, [*places, ""], strict=False):
        if not Medium.objects.filter(serial_number=serial_number).exists():
            register_medium(by=administrator, serial_number=serial_number, place=place)


def leave_one_with_the_keeper(cast: Cast) -> None:
    """The third one, handed over and confirmed, unless it is there already."""
    administrator, keeper = cast.of_province(Capacity.NETWORK_ADMINISTRATOR), cast.of_province(Capacity.KEEPER)
    medium = Medium.objects.get(serial_number=SERIAL_NUMBERS[2])
    if medium.held_as == Capacity.KEEPER:
        return
    given = HandOver.objects.filter(medium=medium, answer=HandOverAnswer.OPEN).first()
    if given is None:
        made = hand_over_medium(
            by=administrator,
            medium=medium,
            to=keeper.person,
            taken_as=Capacity.KEEPER,
            due_back_on=None,
            remark="备用介质",
        )
        given = HandOver.objects.get(id=made)
    answer_hand_over(by=keeper, hand_over=given, answer=HandOverAnswer.RECEIVED)
