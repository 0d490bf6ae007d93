"""Each address of the staff site answers whom docs/permissions.md names, and nobody else, at the cost docs/budgets.md names."""

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.attacks.crawl import PAGE, Crawled, as_table, crawl
from tests.budgets.table import hold
from tests.make import Cast

HEAD = """# Who may what

Every address of the staff site, asked by each capacity with each method. ✓ is answered, with a page or with what is wrong in
the form; → leads to another page (the address of an act, opened instead of pressed); 403 is refused and recorded; 404 is as unknown as an address that isn't there; 登录 leads to the login, and anything
else is 405. The city people are those of the office that the address is about; 他市经办人 is another city's operator. What
exactly may be done with a page that is answered is decided again by the action and by the database (docs/trust.md).

The table is printed by `python -m pytest tests/attacks --print-permissions`; a test holds it to what really comes out.

"""


@pytest.fixture(scope="module")
def crawled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Crawled:
    """Made once for all tests here, and taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = crawl(Cast())
        transaction.set_rollback(True)
    return made


def test_every_address_answers_whom_the_table_names_and_nobody_else(
    crawled: Crawled, request: pytest.FixtureRequest
) -> None:
    table = as_table(crawled.rows)
    if request.config.getoption("--print-permissions"):
        PAGE.write_text(HEAD + table + "\n", encoding="utf-8")
    written = PAGE.read_text(encoding="utf-8").splitlines()
    differences = [line for line in table.splitlines() if line not in written]
    assert not differences, "docs/permissions.md says otherwise:\n" + "\n".join(differences)
    assert [line for line in written if line.startswith("|")] == table.splitlines()


def test_every_page_keeps_to_its_budget_of_queries(crawled: Crawled, request: pytest.FixtureRequest) -> None:
    hold("Staff pages", crawled.costs, request)


def test_no_page_takes_more_queries_when_there_is_more_to_show(crawled: Crawled) -> None:
    assert not crawled.grown, "\n".join(crawled.grown)
