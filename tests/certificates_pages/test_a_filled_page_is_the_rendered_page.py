"""Answers are filled into moulds (pages/moulds.py): each is, to the byte, what rendering its template would have made."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client

from certificates.models import Office
from certificates.pages import moulds, views
from certificates.pages.moulds import Mould, mark
from tests.certificates_pages.reading import ABSENT_ID, ABSENT_NUMBER, change_published, look_up, publish
from tests.databases import acting_as
from tests.make import make_row

pytestmark = pytest.mark.django_db

REVOKED = "kind = 'revoked', change_reason = '弄虚作假 <&>', document_number = '鲁人社〔2026〕1号', revision_number = 2"
ROWS: dict[str, dict[str, object]] = {
    "ordinary": {},
    "little is known": {
        "出生日期": "",
        "职业编码": "",
        "理论知识考试成绩": "",
        "操作技能考核成绩": "免考",
        "评定成绩": "",
    },
}
CHANGES = {
    "valid": "",
    "revoked": REVOKED,
    "corrected": "kind = 'corrected', changed_fields = '{holder_name,level}', revision_number = 2",
    "characters of HTML": "holder_name = 'O''Neill & <b>', assessment_office = '\"<&>'",
    "a name of parts": "holder_name = '古丽·艾·比布力·'",
    "reinstated": "kind = 'reinstated', revision_number = 3",
}


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the template itself makes of each answer's own texts, beside the answer that is filled in."""
    made: list[bytes] = []

    def fill_and_render(
        request: HttpRequest,
        template: str,
        *,
        shape: object,
        texts: Sequence[str],
        context: Callable[[Sequence[str]], Mapping[str, Any]],
    ) -> HttpResponse:
        made.append(render_to_string(template, dict(context(texts)), request).encode())
        return moulds.fill_template(request, template, shape=shape, texts=texts, context=context)

    monkeypatch.setattr(views, "fill_template", fill_and_render)
    return made


@pytest.mark.parametrize("given", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_result_in_every_language_and_size(
    client: Client, rendered: list[bytes], given: dict[str, object], changes: str
) -> None:
    [pair, other] = publish(make_row(**given), make_row(seed=2))
    if changes:
        change_published(pair, changes)
    for path in ("/lookup/", "/en/lookup/", "/large/lookup/", "/large/en/lookup/"):
        for asked in (pair, other, pair):
            assert look_up(client, asked.id_number, asked.certificate_number, path=path).content == rendered.pop()


@pytest.mark.parametrize("number", [ABSENT_NUMBER, "0820012003400001"], ids=["own issuer", "another issuer"])
def test_not_found(client: Client, rendered: list[bytes], number: str) -> None:
    for path in ("/lookup/", "/en/lookup/", "/large/lookup/"):
        for _ in range(2):
            assert look_up(client, ABSENT_ID, number, path=path).content == rendered.pop()


def test_of_two_answers_nothing_of_the_first_is_in_the_second(client: Client) -> None:
    first, second = publish(make_row(姓名="王甲甲"), make_row(seed=2, 姓名="李乙乙"))
    look_up(client, first.id_number, first.certificate_number)
    content = look_up(client, second.id_number, second.certificate_number).content.decode()
    assert "李乙乙" in content
    assert "王甲甲" not in content
    assert first.certificate_number not in re.sub(r"<[^>]+>", "", content)


@pytest.mark.parametrize(
    "rendered_page", [f"<p>{mark(0)}</p>", f"<p>{mark(0)} {mark(1)[:-1]}</p>"], ids=["hidden", "cut"]
)
def test_a_template_that_hides_or_cuts_a_text_is_refused(rendered_page: str) -> None:
    with pytest.raises(ValueError, match="altered"):
        Mould(rendered_page, ["shown", "hidden"])


def test_an_odd_character_in_what_an_office_is_called_costs_nobody_the_answer(client: Client) -> None:
    with acting_as("owner"):
        Office.objects.filter(code="3700").update(contact_address="\ue0001\ue001 号")
    assert "\ue0001\ue001 号" in look_up(client, ABSENT_ID, ABSENT_NUMBER).content.decode()


def test_texts_are_escaped_each_in_its_place() -> None:
    mould = Mould(f'<a title="{mark(1)}">{mark(0)}</a>', ["a", "b"])
    assert mould.fill(["<script>", '" onclick="']) == b'<a title="&quot; onclick=&quot;">&lt;script&gt;</a>'
