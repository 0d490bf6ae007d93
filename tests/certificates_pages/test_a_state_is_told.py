"""Corrected, revoked, reinstated and under review: told first, in a word with a mark."""

import pytest
from django.test import Client

from tests.certificates_pages.reading import change_published, look_up, publish, read

pytestmark = pytest.mark.django_db


def test_a_corrected_certificate_is_valid_and_says_what_changed(client: Client) -> None:
    [pair] = publish()
    change_published(pair, "kind = 'corrected', changed_fields = '{holder_name,issue_date}', holder_name = '张吉'")
    response = look_up(client, pair.id_number, pair.certificate_number)
    answer = read(response)
    assert answer.outcome == "corrected"
    assert answer.fields["holder_name"] == "张吉"
    assert "有效" in answer.text
    assert "已更正：姓名、发证日期" in answer.text
    assert '<span class="mark" aria-hidden="true">✎</span>' in response.content.decode()


def test_a_revoked_certificate_says_since_when_why_and_by_what_document(client: Client) -> None:
    [pair] = publish()
    change_published(pair, "kind = 'revoked', change_reason = '错误核发', document_number = '鲁人社撤〔2026〕3号'")
    answer = read(look_up(client, pair.id_number, pair.certificate_number))
    assert answer.outcome == "revoked"
    assert "已撤销，不再有效" in answer.text
    assert answer.fields["change_reason"] == "错误核发"
    assert answer.fields["document_number"] == "鲁人社撤〔2026〕3号"
    assert answer.fields["revoked_on"]
    assert answer.fields["certificate_number"] == pair.certificate_number


def test_a_reinstated_certificate_is_valid_and_says_since_when(client: Client) -> None:
    [pair] = publish()
    change_published(pair, "kind = 'reinstated'")
    answer = read(look_up(client, pair.id_number, pair.certificate_number))
    assert answer.outcome == "found"
    assert "恢复有效" in answer.text


def test_under_review_shows_nothing_of_the_record(client: Client) -> None:
    [pair] = publish()
    change_published(pair, "under_review_since = '2026-11-20 10:00+08'")
    response = look_up(client, pair.id_number, pair.certificate_number)
    answer = read(response)
    assert answer.outcome == "under-review"
    assert not answer.fields
    assert "自 2026 年 11 月 20 日起" in answer.text
    for hidden in ("张𠮷", "古丽米热", "电工", "高级工", pair.certificate_number):
        assert hidden not in response.content.decode()


def test_under_review_stays_hidden_to_whoever_has_one_wrong_number(client: Client) -> None:
    [pair] = publish()
    change_published(pair, "under_review_since = now()")
    assert read(look_up(client, pair.id_number, "0815012003400001")).outcome == "not-found"
