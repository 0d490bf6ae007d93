"""Each page in two languages and two sizes, and what programs are told of it: robots.txt, sitemap.xml, security.txt."""

import pytest
from django.test import Client, override_settings

from tests.certificates_pages.reading import look_up, publish, read, value_of

pytestmark = pytest.mark.django_db


def test_large_print_keeps_to_itself_and_leads_back(client: Client) -> None:
    page = client.get("/large/en/help/").content.decode()
    assert '<html lang="en" class="large">' in page
    assert 'href="/large/en/contacts/"' in page
    assert 'href="/en/help/">Usual size' in page
    assert 'href="/large/help/"' in page
    assert 'class="large"' not in client.get("/help/").content.decode(), "nothing is remembered"
    assert client.get("/large/staff/login/").status_code == 404


def test_an_answer_changes_its_size_without_being_typed_again(client: Client) -> None:
    [pair] = publish()
    page = look_up(client, pair.id_number, pair.certificate_number)
    large = client.post("/large/lookup/", {"query": value_of(page, "query")})
    assert read(large).outcome == "found"
    assert 'action="/large/en/lookup/"' in large.content.decode()
    assert large["Cache-Control"] == "no-store"
    assert not client.cookies


@override_settings(SITE_ADDRESS="https://cert.example.cn")
def test_programs_are_told_what_is_public(client: Client) -> None:
    told = client.get("/robots.txt").content.decode()
    assert "Disallow: /staff/" in told
    assert "Sitemap: https://cert.example.cn/sitemap.xml" in told
    pages = client.get("/sitemap.xml").content.decode()
    assert "<loc>https://cert.example.cn/en/help/</loc>" in pages
    assert "/lookup/" not in pages
    assert client.get("/.well-known/security.txt").status_code == 404
    with override_settings(SECURITY_CONTACT=["mailto:safe@example.cn"]):
        text = client.get("/.well-known/security.txt").content.decode()
    assert text.startswith("Contact: mailto:safe@example.cn\nExpires: 20")


def test_what_is_the_same_for_everybody_may_be_kept_for_a_while(client: Client) -> None:
    assert client.get("/help/")["Cache-Control"] == "max-age=300"
    assert client.get("/")["Cache-Control"] == "no-store"
