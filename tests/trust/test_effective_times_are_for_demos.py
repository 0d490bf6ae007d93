"""Only a database marked demo at its creation takes an effective time, and the audit keeps the real one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.databases import acting_as
from tests.make import Cast, make_checked_batch, make_effective_time, make_extension, make_submitted_batch
from uploads.models import AuditEntry, Installation, Signature
from uploads.refusals import Refusal
from uploads.release.assemble import assemble_release, collectable
from uploads.signoff.sign import digest_of_batch, sign_batch

pytestmark = pytest.mark.django_db


def make_real_installation() -> None:
    """The mark that set_up_database leaves with DEMO=0; nothing but a superuser without triggers can put it here now."""
    with acting_as("superuser"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE installation DISABLE TRIGGER USER")
        cursor.execute("UPDATE installation SET demo = false")
        cursor.execute("ALTER TABLE installation ENABLE TRIGGER USER")


def test_a_demo_signs_for_an_earlier_time_and_records_the_present_one() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    earlier = make_effective_time(days_ago=3)
    sign_batch(by=cast.operator, batch=batch, digest=digest_of_batch(batch), effective_at=earlier)
    signature = Signature.objects.get(batch=batch)
    assert signature.effective_at == earlier
    assert timezone.now() - signature.signed_at < timedelta(minutes=1)
    entry = AuditEntry.objects.get(action="batch.signed")
    assert timezone.now() - entry.recorded_at < timedelta(minutes=1)
    assert entry.detail["effective_at"]


def test_a_demo_does_not_sign_for_the_future() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    with pytest.raises(Refusal) as refusal:
        sign_batch(
            by=cast.operator,
            batch=batch,
            digest=digest_of_batch(batch),
            effective_at=timezone.now() + timedelta(hours=1),
        )
    assert refusal.value.key == "effective_time_in_the_future"


def test_a_real_system_takes_no_effective_time() -> None:
    cast = Cast()
    batch = make_checked_batch(by=cast.operator)
    make_real_installation()
    assert not Installation.objects.get().demo
    with pytest.raises(Refusal) as refusal:
        sign_batch(
            by=cast.operator, batch=batch, digest=digest_of_batch(batch), effective_at=make_effective_time(days_ago=3)
        )
    assert refusal.value.key == "effective_time_outside_demo"


def test_a_real_system_assembles_no_release_for_an_earlier_time() -> None:
    cast = Cast()
    make_extension(by=cast.department_head)
    batch = make_submitted_batch(cast)
    make_real_installation()
    with pytest.raises(Refusal) as refusal:
        assemble_release(
            by=cast.network_administrator,
            period=batch.period,
            batches=collectable(batch.period),
            effective_at=make_effective_time(days_ago=3),
        )
    assert refusal.value.key == "effective_time_outside_demo"
