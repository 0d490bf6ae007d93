"""Whether anything may be deleted now: not while an incident is open that may be a crime (R13). Whatever deletes asks here.

The database refuses by triggers, too. Not asked by what keeps no record of anybody's work: a session that its person
or a freeze ends, spent codes and their devices, counters of limits, visitors' lists after their half hour (nobody could
read them any longer), finished jobs, half-written files of a dead process.
"""

from certlookup.databases import current_connection


def deletions_are_suspended() -> bool:
    """Whether an incident marked 涉嫌违法 is open."""
    with current_connection().cursor() as cursor:
        cursor.execute("SELECT deletions_are_suspended()")
        return bool(cursor.fetchone()[0])
