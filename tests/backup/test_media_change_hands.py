"""Custody: both sides confirm, only entitled people, nothing overdue or lost is overlooked; on the pages and in SQL."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from tests.databases import acting_as
from tests.make import Cast, make_actor, make_published_release
from tests.staff.make import confirmation, sign_in, text_of
from uploads.actor import Actor
from uploads.backup.custody import (
    answer_hand_over,
    hand_over_medium,
    keeper_state,
    media_lines,
    note_found_medium,
    place_medium,
    register_medium,
    report_lost_medium,
    retire_medium,
)
from uploads.backup.media import MARK, medium_at
from uploads.backup.todos import backup_todos
from uploads.backup.tools import BackupError
from uploads.models import AuditEntry, BackupCopy, BackupProof, Capacity, HandOver, HandOverAnswer, Incident, Medium
from uploads.refusals import Refusal, refusals

pytestmark = pytest.mark.django_db
RECEIVED, DECLINED, WITHDRAWN = HandOverAnswer.RECEIVED, HandOverAnswer.DECLINED, HandOverAnswer.WITHDRAWN


class Both:
    """The two sides, and a medium that the administrator has just registered."""

    def __init__(self, place: str = "") -> None:
        self.administrator = make_actor(Capacity.NETWORK_ADMINISTRATOR)
        self.keeper = make_actor(Capacity.KEEPER)
        self.medium = Medium.objects.get(
            id=register_medium(by=self.administrator, serial_number="WD-4C53-0001", place=place)
        )

    def give(self, by: Actor, to: Actor, *, days: int | None = None) -> HandOver:
        due = timezone.localdate() + timedelta(days=days) if days is not None else None
        made = hand_over_medium(
            by=by, medium=self.medium, to=to.person, taken_as=to.capacity, due_back_on=due, remark=""
        )
        return HandOver.objects.get(id=made)

    def with_the_keeper(self, *, days: int | None = None) -> None:
        given = self.give(self.administrator, self.keeper, days=days)
        answer_hand_over(by=self.keeper, hand_over=given, answer=RECEIVED)
        self.medium.refresh_from_db()


def refusal_of(act: object) -> str:
    with pytest.raises(Refusal) as refusal, transaction.atomic():
        act()  # type: ignore[operator]
    return refusal.value.key


def test_a_medium_goes_to_the_keeper_and_back_and_each_side_confirms() -> None:
    both = Both(place="/media/medium-1")
    given = both.give(both.administrator, both.keeper, days=3)
    both.medium.refresh_from_db()
    assert both.medium.holder == both.administrator.person
    assert [todo.title for todo in backup_todos(both.keeper.person, [Capacity.KEEPER], timezone.now())] == [
        "待您接收介质"
    ]
    assert refusal_of(lambda: both.give(both.administrator, both.keeper)) == "hand_over_is_under_way"
    assert refusal_of(lambda: answer_hand_over(by=both.administrator, hand_over=given, answer=RECEIVED)) == (
        "hand_over_is_for_another"
    )
    answer_hand_over(by=both.keeper, hand_over=given, answer=RECEIVED)
    both.medium.refresh_from_db()
    assert (both.medium.holder, both.medium.held_as, both.medium.place) == (both.keeper.person, "keeper", "")
    assert refusal_of(lambda: answer_hand_over(by=both.keeper, hand_over=given, answer=DECLINED, reason="不对")) == (
        "hand_over_is_answered_already"
    )
    # Only who has it gives it back; in four days that is overdue.
    assert refusal_of(lambda: both.give(both.administrator, both.keeper)) == "medium_is_held_by_another"
    assert refusal_of(lambda: both.give(both.keeper, both.keeper)) == "hand_over_to_oneself"
    later = timezone.now() + timedelta(days=4)
    assert "逾期未归还" in media_lines(later)[0].problems[0]
    assert [todo.urgent for todo in backup_todos(both.keeper.person, [Capacity.KEEPER], later)] == [True]

    back = both.give(both.keeper, both.administrator)
    answer_hand_over(by=both.administrator, hand_over=back, answer=RECEIVED)
    both.medium.refresh_from_db()
    assert (both.medium.holder, both.medium.due_back_on) == (both.administrator.person, None)
    assert [entry.action for entry in AuditEntry.objects.filter(subject_kind="medium", outcome="done")] == [
        "medium.registered", "medium.handed_over", "medium.received", "medium.handed_over", "medium.received",
    ]  # fmt: skip


def test_a_hand_over_is_declined_or_withdrawn_with_a_reason_and_listed_when_nobody_answers() -> None:
    both = Both()
    given = both.give(both.administrator, both.keeper)
    assert refusal_of(lambda: answer_hand_over(by=both.keeper, hand_over=given, answer=DECLINED)) == (
        "hand_over_without_a_reason"
    )
    later = timezone.now() + timedelta(days=settings.MEDIUM_DAYS, hours=1)
    assert "尚未确认接收" in media_lines(later)[0].problems[0]
    answer_hand_over(by=both.keeper, hand_over=given, answer=DECLINED, reason="标签不符")
    second = both.give(both.administrator, both.keeper)
    answer_hand_over(by=both.administrator, hand_over=second, answer=WITHDRAWN, reason="先换标签")
    both.medium.refresh_from_db()
    assert both.medium.holder == both.administrator.person


def test_whoever_holds_nothing_of_it_may_do_nothing_with_it() -> None:
    both, stranger = Both(), make_actor(Capacity.DEPARTMENT_HEAD)
    other = make_actor(Capacity.NETWORK_ADMINISTRATOR)
    assert refusal_of(lambda: register_medium(by=both.keeper, serial_number="X", place="")) == "person_not_entitled"
    assert refusal_of(lambda: both.give(stranger, both.keeper)) == "person_not_entitled"
    assert refusal_of(lambda: both.give(both.administrator, stranger)) == "receiver_is_not_entitled"
    assert refusal_of(lambda: both.give(other, both.keeper)) == "medium_is_held_by_another"
    assert refusal_of(lambda: register_medium(by=other, serial_number="WD-4C53-0001", place="")) == (
        "medium_is_registered_already"
    )
    # Of a holder who is gone, the other network administrator takes it over.
    with acting_as("owner"):
        both.administrator.person.state = "frozen"
        both.administrator.person.save()
    both.give(other, both.keeper)


def test_a_lost_medium_is_an_incident_at_once_and_nothing_is_written_on_it() -> None:
    both = Both()
    incident = report_lost_medium(by=both.keeper, medium=both.medium, reason="搬家时遗失")
    assert Incident.objects.get(id=incident).opened_as == Capacity.KEEPER
    assert media_lines(timezone.now())[0].problems == ("遗失：搬家时遗失",)
    assert refusal_of(lambda: both.give(both.administrator, both.keeper)) == "medium_is_not_in_use"
    note_found_medium(by=both.administrator, medium=both.medium, reason="在库房找到")
    assert media_lines(timezone.now())[0].problems == ()


def test_records_of_media_are_not_changed_by_hand() -> None:
    both = Both()
    both.give(both.administrator, both.keeper)
    for role, statement, key in (
        ("owner", "UPDATE medium SET serial_number = 'Y'", "medium_never_changes"),
        ("owner", "DELETE FROM medium", "medium_never_changes"),
        ("owner", "UPDATE hand_over SET given_at = now()", "hand_over_never_changes"),
        ("superuser", "DELETE FROM hand_over", "hand_over_never_changes"),
    ):
        with acting_as(role), pytest.raises(Refusal) as refusal, refusals(), transaction.atomic():
            connection.cursor().execute(statement)
        assert refusal.value.key == key


def test_what_lies_in_a_place_is_told_by_its_mark(tmp_path: Path) -> None:
    both = Both(place=str(tmp_path))
    assert medium_at(tmp_path) == both.medium
    assert (tmp_path / MARK).read_text() == f"{both.medium.number}\n"
    assert medium_at(tmp_path) == both.medium
    (tmp_path / MARK).write_text("JZ-999\n")
    with pytest.raises(BackupError, match="没有登记"):
        medium_at(tmp_path)
    second = register_medium(by=both.administrator, serial_number="WD-4C53-0002", place="")
    number = Medium.objects.get(id=second).number
    (tmp_path / MARK).write_text(f"{number}\n")
    with pytest.raises(BackupError, match="更正登记"):
        medium_at(tmp_path)
    place_medium(by=both.administrator, medium=both.medium, place="")
    assert medium_at(tmp_path) == Medium.objects.get(id=second)
    report_lost_medium(by=both.keeper, medium=Medium.objects.get(id=second), reason="被盗")
    with pytest.raises(BackupError, match="遗失"):
        medium_at(tmp_path)


def test_the_keeper_is_to_have_the_newest_backup_and_the_last_good_copy_stays() -> None:
    both = Both()
    release = make_published_release(Cast())
    proof = BackupProof.objects.create(
        release=release, file_name="a", proven_at=timezone.now(), seconds=1, certificate_count=1, publication_count=1,
        root=b"r", audit_number=1, audit_hash=b"h", encrypted_digest=b"d", byte_count=1,
    )  # fmt: skip
    BackupCopy.objects.create(
        release=release, place="/m", state="verified", proof=proof, medium=both.medium, written_at=timezone.now()
    )
    state = keeper_state(timezone.now() + timedelta(days=settings.MEDIUM_DAYS + 1))
    assert state is not None
    assert (state.medium, state.is_late) == (None, True)
    assert refusal_of(lambda: retire_medium(by=both.administrator, medium=both.medium, reason="老化")) == (
        "medium_holds_the_newest_copy"
    )
    both.with_the_keeper()
    state = keeper_state(timezone.now())
    assert state is not None
    assert state.medium == both.medium


def test_the_pages_lead_through_it_and_the_label_names_nobody() -> None:
    administrator, keeper = make_actor(Capacity.NETWORK_ADMINISTRATOR), make_actor(Capacity.KEEPER)
    ours, theirs = sign_in(administrator), sign_in(keeper)
    answer = ours.post(
        "/staff/backups/media/new/", confirmation(administrator, serial_number="SN-77", place=""), follow=True
    )
    assert "已登记" in text_of(answer)
    medium = Medium.objects.get()
    page = f"/staff/backups/media/{medium.pk}/"
    label = ours.get(f"{page}label/").content.decode()
    assert "<svg" in label
    assert medium.number in label
    article = label[label.index("<article") : label.index("</article>")]
    assert administrator.person.name not in article
    answer = ours.post(
        f"{page}hand-over/",
        confirmation(administrator, receiver=f"keeper-{keeper.person.pk}", due_back_on="", remark=""),
        follow=True,
    )
    assert "等接收人确认" in text_of(answer)
    assert "待您接收介质" in text_of(theirs.get("/staff/"))
    given = HandOver.objects.get()
    refused = theirs.post(f"/staff/backups/hand-overs/{given.pk}/", confirmation(keeper, answer="declined", reason=""))
    assert "请填写原因" in text_of(refused)
    answer = theirs.post(
        f"/staff/backups/hand-overs/{given.pk}/", confirmation(keeper, answer="received", reason=""), follow=True
    )
    assert "归还" in text_of(answer)
    assert "已接收" in text_of(answer)
    listed = text_of(ours.get("/staff/backups/media/"))
    assert "机要人员" in listed
    stranger = sign_in(make_actor(Capacity.CITY_OPERATOR, "3702"))
    assert stranger.get("/staff/backups/media/").status_code == 403
