"""Each address of the staff site answers whom docs/permissions.md names, and nobody else."""

import pytest

from tests.attacks.crawl import PAGE, as_table, crawl
from tests.make import Cast

HEAD = """# Who may what

Every address of the staff site, asked by each capacity with each method. ✓ is answered, with a page or with what is wrong in
the form; → leads to another page (the address of an act, opened instead of pressed); 403 is refused and recorded; 404 is as unknown as an address that isn't there; 登录 leads to the login, and anything
else is 405. The city people are those of the office that the address is about; 他市经办人 is another city's operator. What
exactly may be done with a page that is answered is decided again by the action and by the database (docs/trust.md).

The table is printed by `python -m pytest tests/attacks --print-permissions`; a test holds it to what really comes out.

"""


@pytest.mark.django_db
def test_every_address_answers_whom_the_table_names_and_nobody_else(request: pytest.FixtureRequest) -> None:
    table = as_table(crawl(Cast()))
    if request.config.getoption("--print-permissions"):
        PAGE.write_text(HEAD + table + "\n", encoding="utf-8")
    written = PAGE.read_text(encoding="utf-8").splitlines()
    differences = [line for line in table.splitlines() if line not in written]
    assert not differences, "docs/permissions.md says otherwise:\n" + "\n".join(differences)
    assert [line for line in written if line.startswith("|")] == table.splitlines()
