"""In which order the files of tests are begun: processes that share them then end together.

pytest-xdist hands out files in the order in which they were collected; by itself it would begin with those of many
tests, and one test that takes half a minute would be the last, while the other processes have nothing left to do.
"""

from collections import Counter
from collections.abc import MutableSequence

import pytest

from tests.databases import PROJECT

# From eight seconds on, longest first (--durations=0 tells). What isn't here follows, files of many tests first.
LONG = (
    "attacks/test_who_may_what.py",
    # On a server of its own, it need not wait while the first one's process makes the session's template.
    "certlookup/test_the_bench_measures.py",
    "browser/test_all_six_people.py",
    "browser/test_staff_batches.py",
    "demo/test_a_demo_is_set_up.py",
    "demo/test_an_interrupted_demo_goes_on.py",
    "backup/test_a_killed_backup_counts_for_nothing.py",
    "browser/test_public_pages.py",
    "browser/test_every_public_page.py",
    "certlookup/test_make_run_serves.py",
    "browser/test_staff_signing.py",
    "backup/test_a_copy_is_restored_by_order.py",
    "backup/test_media_are_devices_of_their_own.py",
    "browser/test_staff_unsent_files.py",
    "oversight/test_keys_are_changed_while_the_site_answers.py",
    "deployment/test_each_site_runs_alone.py",
    "attacks/test_whatever_is_done_is_recorded.py",
    "attacks/test_whoever_looks_is_recorded.py",
    "browser/test_public_sharing.py",
    "browser/test_public_challenge_and_lists.py",
    "browser/test_staff_profiles.py",
    "browser/test_staff_security_keys.py",
    "browser/test_staff_incidents.py",
    "browser/test_staff_login.py",
    "staff/test_release_survives_a_killed_worker.py",
    "release/test_a_publication_survives_kills.py",
    "replication/test_lookups_are_answered_by_a_replica.py",
    "certlookup/test_make_run_survives_kills.py",
    "load/test_the_queue_is_short.py",
    "oversight/test_the_system_is_checked.py",
)
_PLACES = {PROJECT / "tests" / name: place for place, name in enumerate(LONG)}


def long_files_first(items: MutableSequence[pytest.Item]) -> None:
    """Put the tests into that order; those of one file stay together, as they stand in it."""
    tests = Counter(item.path for item in items)
    ordered = sorted(items, key=lambda item: (_PLACES.get(item.path, len(LONG)), -tests[item.path], item.path))
    items[:] = ordered
