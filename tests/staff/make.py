"""Signed-in people, and what they send from the release pages."""

import re
import time
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.make import make_tampering
from tests.people.make import code_of, enrol
from uploads.actor import Actor
from uploads.models import Release
from uploads.pages.frame import SIGNED_IN_AT
from uploads.people import twofactor


def sign_in(actor: Actor) -> Client:
    """A browser in which the actor is signed in; by the way round the password, whose slow hash other tests pay for."""
    device = twofactor.confirmed_device(actor.person) or enrol(actor.person)
    client = Client()
    client.force_login(actor.person, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session[SIGNED_IN_AT] = time.time()
    session.save()
    return client


def let_a_minute_pass(actor: Actor) -> None:
    """As far as the actor's authenticator goes: none of its codes has been used yet."""
    TOTPDevice.objects.filter(user=actor.person).update(last_t=-1)


def text_of(response: HttpResponse) -> str:
    """What a page says, without markup; breaks between blocks are spaces."""
    content = re.sub(r"<(head|script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    content = re.sub(r"</(td|th|tr|p|div|li|dt|dd|h1|h2|h3|a|caption|legend|label)>", " ", content)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", content))


def move_publication_day(release: Release, *, days: int) -> None:
    """Let the release's day be so many days from today, and its period so long ago that this is possible.

    The database computes these days from the calendar; a superuser alone writes others.
    """
    today = timezone.localdate()
    with make_tampering("period_days") as cursor:
        cursor.execute(
            "UPDATE period_days SET first_day = %s, last_day = %s, publication_day = %s WHERE code = %s",
            [today - timedelta(days=30), today - timedelta(days=15), today + timedelta(days=days), release.period_id],
        )


def digest_on(response: HttpResponse) -> str:
    """The digest that the page's form carries."""
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', response.content.decode())
    assert found is not None, "the page asks for no signature"
    return found[1]


def confirmation(actor: Actor, **fields: str) -> dict[str, str]:
    """The form of a grave act, with a code that wasn't used before."""
    let_a_minute_pass(actor)
    return {"capacity": actor.capacity, "otp": code_of(actor.person)} | fields


def address(release: Release, act: str = "") -> str:
    """The release's page, or one of its acts."""
    return f"/staff/releases/{release.id}/{act}"


def sign_on_page(client: Client, actor: Actor, release: Release, **fields: str) -> HttpResponse:
    """Open the release's page, then send the form on it; follows to the page that answers."""
    digest = digest_on(client.get(address(release)))
    return client.post(address(release, "sign/"), confirmation(actor, digest=digest, **fields), follow=True)
