"""What is done with backup media and restores, a part of deeds.py."""

from collections.abc import Iterator

from tests.attacks.deed import Deed
from tests.backup.make import make_restoration, make_restore_request
from tests.make import Cast, make_actor
from uploads.backup.custody import (
    answer_hand_over,
    hand_over_medium,
    note_found_medium,
    place_medium,
    register_medium,
    report_lost_medium,
    retire_medium,
)
from uploads.backup.restores import confirm_restoration, decide_restore
from uploads.models import Capacity, HandOver, HandOverAnswer, Medium


def media_deeds(cast: Cast) -> Iterator[Deed]:
    """In the order in which each is possible."""
    administrator, keeper = cast.network_administrator, make_actor(Capacity.KEEPER)
    yield Deed("登记备份介质", administrator, lambda: register_medium(by=administrator, serial_number="S-1", place=""),
               "medium.registered", "medium")  # fmt: skip
    medium = Medium.objects.get()
    yield Deed("登记备份介质的位置", administrator, lambda: place_medium(by=administrator, medium=medium, place="1号柜"),
               "medium.placed", "medium")  # fmt: skip
    yield Deed("交出备份介质", administrator, lambda: hand_over_medium(
        by=administrator, medium=medium, to=keeper.person, taken_as=Capacity.KEEPER, due_back_on=None, remark=""),
        "medium.handed_over", "medium")  # fmt: skip
    yield Deed("接收备份介质", keeper, lambda: answer_hand_over(
        by=keeper, hand_over=HandOver.objects.get(), answer=HandOverAnswer.RECEIVED),
        "medium.received", "medium")  # fmt: skip
    yield Deed("报告介质遗失", keeper, lambda: report_lost_medium(by=keeper, medium=medium, reason="x"),
               "medium.lost", "medium")  # fmt: skip
    yield Deed("找回备份介质", administrator, lambda: note_found_medium(by=administrator, medium=medium, reason="x"),
               "medium.found", "medium")  # fmt: skip
    yield Deed("停用备份介质", administrator, lambda: retire_medium(by=administrator, medium=medium, reason="x"),
               "medium.retired", "medium")  # fmt: skip
    leader = cast.deputy_director
    asked, unwanted, restored = make_restore_request(), make_restore_request(), make_restoration()
    yield Deed("指示恢复", leader, lambda: decide_restore(
        by=leader, request=asked, approve=True, allows_loss=True, remark="x"), "restore.approved", "restore")  # fmt: skip
    yield Deed("不同意恢复", leader, lambda: decide_restore(
        by=leader, request=unwanted, approve=False, allows_loss=False, remark="x"), "restore.declined", "restore")  # fmt: skip
    yield Deed("确认恢复结果", leader, lambda: confirm_restoration(by=leader, restoration=restored, remark="x"),
               "restore.confirmed", "restore")  # fmt: skip
