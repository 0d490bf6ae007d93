"""The replicas: each there, a copy of this primary, and near enough for lookups."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, connections

from uploads.oversight.matters import Condition, Seen, failure, warning, well

# Further behind than this, a replica is rather broken than busy.
LAG_AT_MOST = timedelta(seconds=60)
PATIENCE_SECONDS = 2.0
# The log that a slot keeps for a replica that is away lies on the primary's disk.
KEPT_BYTES_AT_MOST = 1024**3

# A commit of its own, so that there is something to wait for on an idle primary: a replica that is cut off has
# everything else and looks well.
_COMMIT = "SELECT pg_current_xact_id()"
_PRIMARY = """
SELECT pg_current_wal_insert_lsn()::text, clock_timestamp(), system_identifier,
    (SELECT coalesce(string_agg(slot_name, ', ' ORDER BY slot_name), '') FROM pg_replication_slots
        WHERE slot_type = 'physical' AND NOT active
        AND (wal_status = 'lost' OR pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > %s))
FROM pg_control_system()
"""
_REPLICA = """
SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn() >= %s::pg_lsn, pg_last_xact_replay_timestamp(), system_identifier
FROM pg_control_system()
"""


@dataclass(frozen=True, slots=True)
class _Primary:
    """Where the primary's log ended, and when by its clock."""

    position: str
    at: datetime
    identifier: int


def look_at_replicas() -> Seen:
    """How far each replica of DATABASE_REPLICA_URL is behind this server."""
    aliases = sorted(alias for alias in settings.DATABASES if alias.startswith("replica_"))
    if not aliases:
        return well("no replica is configured", "没有配置从库")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            return failure("DATABASE_URL leads to a replica, not to the primary", "DATABASE_URL 指向的是从库，不是主库")
        cursor.execute(_COMMIT)
        cursor.execute(_PRIMARY, [KEPT_BYTES_AT_MOST])
        *told, slots = cursor.fetchone()
    primary = _Primary(*told)
    seen = [_look_at(alias, primary) for alias in aliases]
    if slots:
        seen.append(
            warning(
                f"the primary keeps much log for a replica that is away (slot {slots})",
                f"主库在为已断开的从库保留大量日志（复制槽 {slots}），请修复从库或删除复制槽",
            )
        )
    worst = max((one.condition for one in seen), key=list(Condition).index)
    return Seen(worst, "; ".join(one.english for one in seen), "；".join(one.chinese for one in seen))


def _look_at(alias: str, primary: _Primary) -> Seen:
    try:
        return _lag_of(alias, primary)
    except DatabaseError as error:
        reason = str(error).splitlines()[0]
        return failure(f"{alias} can't be reached ({reason})", f"{alias} 连接不上（{reason}）")


def _lag_of(alias: str, primary: _Primary) -> Seen:
    """How long the replica took to get where the primary was a moment ago: no answer of its is older than that.

    It is waited for a little; a replica that is further behind is judged by its last commit.
    """
    began = time.monotonic()
    with connections[alias].cursor() as cursor:
        while True:
            cursor.execute(_REPLICA, [primary.position])
            in_recovery, has_all, replayed_at, identifier = cursor.fetchone()
            if identifier != primary.identifier:
                return failure(f"{alias} is no copy of this primary", f"{alias} 不是这台主库的从库")
            if not in_recovery:
                return failure(f"{alias} is no replica (any more)", f"{alias} 不是从库（或已提升为主库）")
            waited = time.monotonic() - began
            if has_all:
                return well(f"{alias} is {waited:.1f} s behind at most", f"{alias} 最多落后 {waited:.1f} 秒")
            if waited > PATIENCE_SECONDS:
                break
            time.sleep(0.1)
    if replayed_at is None:
        return failure(f"{alias} has received nothing since its start", f"{alias} 启动后没有收到任何数据")
    lag = primary.at + timedelta(seconds=waited) - replayed_at
    seconds = lag.total_seconds()
    english, chinese = f"{alias} is {seconds:.0f} s behind", f"{alias} 落后 {seconds:.0f} 秒"
    if lag <= timedelta(seconds=settings.REPLICA_LAG_SECONDS):
        return well(english, chinese)
    unused = (f"{english}: the primary answers lookups meanwhile", f"{chinese}，期间由主库回答查询")
    return failure(*unused) if lag > LAG_AT_MOST else warning(*unused)
