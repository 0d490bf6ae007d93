"""manage.py shell, loaddata and flush, which whoever sits at the server has at hand, change no row of what is published or signed."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from certificates.models import Certificate
from tests.databases import Copy
from tests.make import Cast, make_published_release, make_rows

KEPT = (
    "certificate",
    "revision",
    "publication",
    "signature",
    "act",
    "audit_entry",
    "audit_head",
    "capacity_grant",
    "person",
)
IN_THE_SHELL = (
    "from certificates.models import Certificate; Certificate.objects.update(holder_name='x')",
    "from certificates.models import Certificate; Certificate.objects.all().delete()",
    "from uploads.models import Signature; Signature.objects.all()._raw_delete('default')",
    "from uploads.models import AuditEntry; AuditEntry.objects.update(outcome='refused')",
    "from uploads.models import Person; Person.objects.update(state='active', password='x')",
    "from uploads.models import CapacityGrant; CapacityGrant.objects.update(valid_to=None)",
)  # fmt: skip


def content_of(copy: Copy) -> dict[str, object]:
    with copy.connect("superuser") as connection:
        question = "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
        return {table: connection.execute(question.format(table)).fetchone() for table in KEPT}  # type: ignore[arg-type]


def test_neither_shell_nor_loaddata_nor_flush_changes_what_was_published(fresh_database: Copy, tmp_path: Path) -> None:
    make_published_release(Cast(), rows=make_rows(2))
    before = content_of(fresh_database)
    for command in IN_THE_SHELL:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            call_command("shell", command=command, verbosity=0)
    for number in (Certificate.objects.earliest("certificate_number").pk, "0815012003400001"):
        fixture = tmp_path / "more.json"
        fields = {"holder_name": "x", "level": 1, "position": 7, "revision_number": 1}
        fixture.write_text(json.dumps([{"model": "certificates.certificate", "pk": number, "fields": fields}]))
        with pytest.raises(DatabaseError):
            call_command("loaddata", str(fixture), verbosity=0)
    # As the tables' owner, too, whose rights hold and whom only the triggers stop.
    for alias in ("default", "owner"):
        with pytest.raises(CommandError, match="couldn't be flushed"):
            call_command("flush", interactive=False, database=alias, verbosity=0)
    assert content_of(fresh_database) == before
