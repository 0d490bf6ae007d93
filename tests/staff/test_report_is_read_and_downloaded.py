"""核对报告 on the batch's page and as a workbook: counted, filtered, compared, handed out with an entry in the audit."""

import io

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.make import Cast, make_actor, make_attempt, make_row, make_workbook
from tests.people.make import newest_entry
from tests.staff.make import sign_in, text_of
from uploads.intake.reports import make_report
from uploads.models import Attempt, Capacity

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def attempt(cast: Cast) -> Attempt:
    rows = [make_row(seed=seed, **({"等级": "六级"} if seed % 2 else {"证件号码": "379901"})) for seed in range(60)]
    return make_attempt(by=cast.operator, office="3702", rows=rows)


@pytest.fixture
def operator(cast: Cast) -> Client:
    return sign_in(cast.operator)


def page_of(attempt: Attempt) -> str:
    return f"/staff/batches/{attempt.batch_id}/"


def test_the_page_counts_findings_and_rows_by_rule_and_by_weight(operator: Client, attempt: Attempt) -> None:
    page = operator.get(page_of(attempt))
    lines = {(line.rule, line.field): line for line in page.context["page_of_batch"].rules}
    assert (lines["R-171", "level"].findings, lines["R-171", "level"].rows) == (30, 30)
    assert sum(line.findings for line in lines.values()) == attempt.problems.count() == page.context["total"]
    assert "读取 60 = 合格 0 + 不合格 60" in text_of(page)
    assert f"错误 {attempt.problems.filter(severity='error').count()} 处" in text_of(page)


def test_findings_are_filtered_by_rows_and_by_column(operator: Client, attempt: Attempt) -> None:
    def rows(**chosen: str) -> set[int]:
        return {finding.row_number for finding in operator.get(page_of(attempt), chosen).context["findings"]}

    assert rows(row="5") == {5}
    assert rows(row="5-8", rule="R-171") == {5, 7}
    assert rows(row=" ５～８ ", field="level") == {5, 7}
    assert rows(row="8-5") == set()
    assert len(rows(row="二十")) > 1


def test_the_page_says_what_is_gone_new_and_left_and_lists_it(cast: Cast, operator: Client, attempt: Attempt) -> None:
    rows = [make_row(seed=seed, **({"等级": "六级"} if seed in {1, 2} else {})) for seed in range(10)]
    second = make_attempt(by=cast.operator, office="3702", rows=rows)
    page = operator.get(page_of(second))
    compared = page.context["page_of_batch"].comparison
    assert f"已解决 {compared.gone:,}" in text_of(page)
    assert {finding.change for finding in page.context["findings"]} == {"新出现", "仍存在"}
    gone = operator.get(page_of(second), {"change": "gone", "rule": "R-171"})
    assert gone.context["page"].paginator.count == 29
    assert "行号是上一次的" in text_of(gone)
    left = operator.get(page_of(second), {"change": "left", "rule": "R-171"})
    assert [finding.row_number for finding in left.context["findings"]] == [3]


def test_the_same_file_once_more_is_said_to_be_the_same(cast: Cast, operator: Client) -> None:
    content = make_workbook([make_row(seed=1, 等级="六级")])
    for _ in range(2):
        sent = make_attempt(by=cast.operator, office="3702", content=content)
    assert "是同一个文件" in text_of(operator.get(page_of(sent)))


def test_a_report_is_downloaded_under_a_generated_name_and_recorded(
    cast: Cast, operator: Client, attempt: Attempt
) -> None:
    answer = operator.get(f"{page_of(attempt)}files/1/report/", follow=True)
    assert answer["Content-Disposition"].startswith('attachment; filename="3702-')
    assert answer["Content-Disposition"].endswith('-1-report.xlsx"')
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheetnames == ["核对报告", "证书", "检查结果"]
    entry = newest_entry("report.handed_out")
    assert (entry.person_id, entry.subject_id) == (cast.operator.person.id, str(attempt.batch_id))


def test_a_big_report_is_waited_for_and_then_offered(
    operator: Client, attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uploads.intake.reports.ROWS_MADE_AT_ONCE", 10)
    address = f"{page_of(attempt)}files/1/report/"
    waiting = operator.get(address)
    assert "报告正在生成" in text_of(waiting)
    assert waiting["Refresh"] == f"3; url={address}?waited=1"
    assert operator.get(f"{address}file/")["Location"] == address
    make_report(attempt.id)
    assert "下载核对报告" in text_of(operator.get(f"{address}?waited=1"))


def test_an_unreadable_file_has_no_report(cast: Cast, operator: Client) -> None:
    sent = make_attempt(by=cast.operator, office="3702", content=b"%PDF-1.7 not a table")
    assert operator.get(f"{page_of(sent)}files/1/report/").status_code == 404
    assert "下载核对报告" not in text_of(operator.get(page_of(sent)))


def test_who_may_not_see_rows_gets_no_report(attempt: Attempt) -> None:
    for capacity in (Capacity.AUDIT_ADMINISTRATOR, Capacity.SYSTEM_ADMINISTRATOR, Capacity.KEEPER):
        client = sign_in(make_actor(capacity))
        assert client.get(f"{page_of(attempt)}files/1/report/").status_code == 403
        assert "下载核对报告" not in text_of(client.get(page_of(attempt)))
    other = sign_in(make_actor(Capacity.CITY_OPERATOR, "3703"))
    assert other.get(f"{page_of(attempt)}files/1/report/").status_code == 404
