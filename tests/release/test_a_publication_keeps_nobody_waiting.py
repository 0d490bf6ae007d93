"""While 20,000 rows are published, whoever logs in waits for no more than a moment: the audit's head is locked last."""

import threading
import time

from django.db import connections
from django.test import Client

from tests.databases import Copy
from tests.make import Cast, as_owner, make_actor, make_attempt, make_comparison, make_extension
from tests.people.make import LOGIN, PASSWORD, code_of, enrol
from uploads.models import Capacity, Person, Release
from uploads.release.assemble import assemble_release, collectable, order_publication
from uploads.release.publish import publish_release
from uploads.signoff.sign import digest_of_batch, digest_of_release, sign_batch, sign_release

ROWS = 20_000


def make_ordered_release(copy: Copy) -> Release:
    """One row, made into many by the superuser before anybody signs, for reading a workbook of them takes longer."""
    cast = Cast()
    batch = make_attempt(by=cast.operator, office=cast.office).batch
    with copy.connect("superuser") as connection:
        columns = [name for (name,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'staged_row'::regclass AND attnum > 0 "
            "AND attname NOT IN ('id', 'row_number', 'certificate_number') AND NOT attisdropped AND attgenerated = ''"
        )]  # fmt: skip
        listed = ", ".join(columns)
        for table in ("staged_row", "attempt"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(
            f"INSERT INTO staged_row (row_number, certificate_number, {listed}) "
            f"SELECT 1000 + n, (1500000000000000 + n)::text, {listed} FROM "
            f"(SELECT * FROM staged_row ORDER BY row_number LIMIT 1) s, generate_series(1, {ROWS} - 3) n"
        )
        connection.execute(f"UPDATE attempt SET read_count = {ROWS}, accepted_count = {ROWS}")
        for table in ("staged_row", "attempt"):
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    make_comparison(by=cast.operator, batch=batch)
    make_extension(by=cast.department_head)
    for signer in (cast.operator, cast.director):
        sign_batch(by=signer, batch=batch, digest=digest_of_batch(batch))
    release = assemble_release(by=cast.network_administrator, period=batch.period, batches=collectable(batch.period))
    order_publication(by=cast.deputy_director, period=release.period, reason="测试")
    for signer in (*cast.release_signers, cast.network_administrator):
        sign_release(by=signer, release=release, digest=digest_of_release(release))
    return release


def make_account() -> Person:
    person = make_actor(Capacity.KEEPER).person
    person.set_password(PASSWORD)
    with as_owner() as alias:
        person.save(using=alias)
    enrol(person)
    return person


def seconds_to_log_in(person: Person) -> float:
    """Both steps, through the pages."""
    client, begun = Client(), time.monotonic()
    client.post(LOGIN, {"staff_number": person.staff_number, "password": PASSWORD})
    answer = client.post(LOGIN, {"otp": code_of(person)})
    assert answer.status_code == 302, answer.content.decode()
    return time.monotonic() - begun


def test_a_login_takes_less_than_a_second_more_while_twenty_thousand_rows_are_published(fresh_database: Copy) -> None:
    release = make_ordered_release(fresh_database)
    people = [make_account() for _ in range(4)]
    undisturbed = seconds_to_log_in(people.pop())

    def publish() -> None:
        try:
            publish_release(release.id)
        finally:
            connections.close_all()

    worker = threading.Thread(target=publish)
    with (
        fresh_database.connect("superuser") as holding,
        fresh_database.connect("superuser", autocommit=True) as watching,
    ):
        # What publish() comes to when all rows are written and the audit's head is next: there it is kept waiting.
        holding.execute("LOCK TABLE bulletin_line IN SHARE MODE")
        waits = "SELECT count(*) FROM pg_locks WHERE relation = 'bulletin_line'::regclass AND NOT granted"
        worker.start()
        while worker.is_alive() and watching.execute(waits).fetchone() == (0,):
            time.sleep(0.005)
        taken = [seconds_to_log_in(people.pop()) for _ in range(2)]
        assert worker.is_alive(), "the publication was over before anybody had logged in"
        holding.rollback()
        # And while the last entry is written and all of it is committed.
        taken.append(seconds_to_log_in(people.pop()))
    worker.join(60)
    release.refresh_from_db()
    assert (release.state, release.publication.row_count if release.publication else 0) == ("published", ROWS)
    assert max(taken) < undisturbed + 1, (taken, undisturbed)
