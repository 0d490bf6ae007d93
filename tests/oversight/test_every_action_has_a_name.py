"""What is written to the audit trail is called by a Chinese name on its page: every action, and every kind of subject."""

import re
from pathlib import Path

from uploads.oversight.wording import ACTIONS, SUBJECTS

PROJECT = Path(__file__).resolve().parents[2]
# In Python as keyword or constant, in SQL as an argument of record(); by the words before the dot.
WORDS = "|".join(sorted({name.split(".")[0] for name in ACTIONS}))
ACTION = re.compile(rf"""action=['"]([a-z_]+\.[a-z_]+)['"]|['"]((?:{WORDS})\.[a-z_]+)['"]""")
SUBJECT = re.compile(r"""(?:subject_kind=|"subject_kind": )"([a-z_]+)\"""")


def sources() -> list[str]:
    paths = [path for path in (PROJECT / "uploads").rglob("*.py") if path.name != "wording.py"]
    return [path.read_text(encoding="utf-8") for path in paths]


def test_every_action_that_is_recorded_has_a_name() -> None:
    recorded = {action for source in sources() for found in ACTION.findall(source) for action in found if action}
    assert len(recorded) > 40
    assert recorded - ACTIONS.keys() == set()


def test_no_name_is_kept_for_an_action_that_nobody_records() -> None:
    recorded = {action for source in sources() for found in ACTION.findall(source) for action in found if action}
    assert ACTIONS.keys() - recorded - {"login", "logout"} == set()


def test_every_kind_of_subject_has_a_name() -> None:
    named = {kind for source in sources() for kind in SUBJECT.findall(source)}
    assert named - SUBJECTS.keys() == set()
