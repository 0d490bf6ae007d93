"""Without its entry nothing happens: where record() can't be called, acts and logins fail and leave nothing."""

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.test import Client

from tests.databases import Copy
from tests.incidents.make import Watch
from tests.make import Cast, make_checked_batch, make_extension
from tests.people.make import LOGIN, PASSWORD, code_of, open_account
from uploads.models import AuditHead, Incident, Person, PersonState, Signature
from uploads.people.accounts import freeze_account
from uploads.signoff.sign import digest_of_batch, sign_batch

RECORD = "FUNCTION record(bigint, text, text, text, text, text, text, jsonb)"


def test_a_signature_a_freeze_and_a_login_fail_without_it(fresh_database: Copy) -> None:
    cast, watch = Cast(), Watch()
    batch = make_checked_batch(by=cast.operator)
    make_extension(by=cast.department_head)
    open_account(cast.director.person)
    half_way, client = Client(raise_request_exception=False), Client(raise_request_exception=False)
    credentials = {"staff_number": cast.director.person.staff_number, "password": PASSWORD}
    half_way.post(LOGIN, credentials)
    digest = digest_of_batch(batch)
    before = AuditHead.objects.get().number, Session.objects.count()
    with fresh_database.connect("superuser", autocommit=True) as superuser:
        superuser.execute(f"REVOKE EXECUTE ON {RECORD} FROM PUBLIC, certlookup_staff, certlookup_owner")
    with pytest.raises(DatabaseError):
        sign_batch(by=cast.operator, batch=batch, digest=digest)
    with pytest.raises(DatabaseError):
        freeze_account(person=watch.account, reason="x", by=watch.security)
    assert client.post(LOGIN, credentials).status_code == 500
    assert half_way.post(LOGIN, {"otp": code_of(cast.director.person)}).status_code == 500
    assert half_way.get("/staff/").status_code == 302
    assert not Signature.objects.exists()
    assert not Incident.objects.exists()
    assert Person.objects.get(pk=watch.account.pk).state == PersonState.ACTIVE
    assert (AuditHead.objects.get().number, Session.objects.count()) == before
