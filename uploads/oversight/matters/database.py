"""The database: reached, as written, with the right keys, replicas near, clocks together."""

import time
from datetime import timedelta

from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.core.checks import messages as check_levels
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from certificates.keycheck import KeysDoNotFit, require_fitting_keys
from certificates.models import KeyFingerprint
from certlookup.checks import TAG
from certlookup.roles import Login
from uploads.models import DatabaseRole
from uploads.oversight.entitlements import differences
from uploads.oversight.matters import Seen, failure, warning, well

CLOCKS_DIFFER_AT_MOST = timedelta(seconds=2)
REPLICAS_LAG_AT_MOST = timedelta(seconds=60)
REPLICA_PATIENCE_SECONDS = 2.0
OLDEST_SERVER = 150000
NAMED_AT_MOST = 20
_ALIASES = {"owner": "owner", "staff": "default", "public": "public", "rekey": "rekey", "backup": "backup"}


def look_at_settings() -> Seen:
    """The deployment's own checks."""
    found = run_checks(tags=[TAG])
    if not found:
        return well("every setting that has to be there is there", "必需的设置齐全")
    serious = [message for message in found if message.level >= check_levels.ERROR]
    told = "; ".join(_told(message) for message in found)
    return (failure if serious else warning)(told, f"设置有问题：{told}")


def _told(message: CheckMessage) -> str:
    return f"{message.id} {message.msg}"


def look_at_database() -> Seen:
    """Its version, and whether its pages carry checksums."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version'), "
                       "current_setting('data_checksums') = 'on', current_setting('fsync') = 'on', "
                       "pg_database_size(current_database())")  # fmt: skip
        number, version, checksums, fsync, size = cursor.fetchone()
    if number < OLDEST_SERVER:
        return failure(f"PostgreSQL {version} is older than 15", f"PostgreSQL {version} 过旧，至少要 15")
    if not fsync and not settings.DEMO:
        return failure("fsync is off: a power failure may lose what was signed", "fsync 已关闭，断电会丢失已签字的数据")
    megabytes = size // 1024**2
    if not checksums:
        return warning(
            f"PostgreSQL {version}, {megabytes} MiB, without data checksums: damage on the disk goes unnoticed",
            f"PostgreSQL {version}，{megabytes} MiB，没有启用数据页校验，磁盘损坏不会被发现",
        )
    return well(f"PostgreSQL {version}, {megabytes} MiB", f"PostgreSQL {version}，{megabytes} MiB")


def look_at_replicas() -> Seen:
    """How far each replica of DATABASE_REPLICA_URL is behind this server."""
    aliases = sorted(alias for alias in settings.DATABASES if alias.startswith("replica_"))
    if not aliases:
        return well("no replica is configured", "没有配置从库")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END")
        standby, position = cursor.fetchone()
    if standby:
        return failure("DATABASE_URL leads to a replica, not to the primary", "DATABASE_URL 指向的是从库，不是主库")
    wrong, lags = [], []
    for alias in aliases:
        try:
            lag, problem = _lag_of(alias, position)
        except DatabaseError as error:
            lag, problem = timedelta(), f"can't be reached ({str(error).splitlines()[0]})"
        if problem:
            wrong.append(f"{alias} {problem}")
        lags.append(lag)
    if wrong:
        return failure("; ".join(wrong), f"从库有问题：{'; '.join(wrong)}")
    most = max(lags).total_seconds()
    return well(f"{len(lags)} replicas, {most:.1f} s behind at most", f"{len(lags)} 个从库，最多落后 {most:.1f} 秒")


def _lag_of(alias: str, position: str) -> tuple[timedelta, str]:
    """How long the replica took to get where the primary was a moment ago, and what is wrong with it, if anything.

    It is waited for a little: on an idle primary the last commit may be hours old and still be all there is.
    """
    began = time.monotonic()
    with connections[alias].cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT pg_is_in_recovery(), pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn()) <= 0, "
                "clock_timestamp() - pg_last_xact_replay_timestamp()",
                [position],
            )
            in_recovery, has_all, behind = cursor.fetchone()
            if not in_recovery:
                return timedelta(), "is no replica"
            waited = time.monotonic() - began
            if has_all:
                return timedelta(seconds=waited), ""
            if waited > REPLICA_PATIENCE_SECONDS:
                break
            time.sleep(0.1)
    if behind is None:
        return timedelta(), "has received nothing since its start"
    told = f"is behind, its last commit is {behind.total_seconds():.0f} s old"
    return behind, told if behind > REPLICAS_LAG_AT_MOST else ""


def look_at_migrations() -> Seen:
    """Whether the tables are this program's."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing)
        return failure(
            f"not applied: {names}; run manage.py set_up_database",
            f"还没有应用：{names}；请运行 manage.py set_up_database",
        )
    return well("all are applied", "与程序一致")


def look_at_rights() -> Seen:
    """Whether every role may do what is written, and no more."""
    names = dict(DatabaseRole.objects.values_list("work", "name"))
    names |= {
        work: str(settings.DATABASES[alias]["USER"]) for work, alias in _ALIASES.items() if alias in settings.DATABASES
    }
    if settings.SITE == "public":
        return warning("the public site's process can't judge them", "公众网站的进程不能核对权限")
    found = differences({work: Login(name, "") for work, name in names.items()})
    if found:
        more = len(found) - NAMED_AT_MOST
        told = "; ".join(found[:NAMED_AT_MOST])
        return failure(
            told + (f"; and {more} more" if more > 0 else ""),
            f"{len(found)} 处与规定不一致：{told}" + (f"；另有 {more} 处" if more > 0 else ""),
        )
    absent = sorted(_ALIASES.keys() - names.keys())
    if absent:
        told = ", ".join(absent)
        return warning(
            f"as written, but nothing is known here of the roles {told}; run manage.py set_up_database",
            f"与规定一致，但这里不知道角色 {told}；请运行 manage.py set_up_database",
        )
    return well("rights, roles, functions and triggers are as written", "权限、角色、函数和触发器与规定一致")


def look_at_keys() -> Seen:
    """Whether these are the keys that the register is sealed under."""
    try:
        require_fitting_keys()
    except KeysDoNotFit as error:
        return failure(str(error), f"密钥与数据库不符：{error}")
    used = list(KeyFingerprint.objects.filter(retired_at=None).values_list("version", flat=True))
    if len(used) > 1:
        versions = ", ".join(map(str, used))
        return warning(
            f"ID numbers may be sealed under versions {versions}; run manage.py rotate_keys",
            f"证件号码还用着密钥版本 {versions}；请运行 manage.py rotate_keys",
        )
    return well(f"version {used[0]}", f"版本 {used[0]}") if used else well("none is noted yet", "还没有登记")


def look_at_clock() -> Seen:
    """This machine's clock beside the database's, which dates every signature."""
    before = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    differ = max(before - theirs, theirs - timezone.now(), timedelta())
    if differ > CLOCKS_DIFFER_AT_MOST:
        seconds = differ.total_seconds()
        return warning(f"the database's clock differs by {seconds:.1f} s", f"与数据库的时钟相差 {seconds:.1f} 秒")
    return well("this machine and the database agree", "本机与数据库一致")
