"""The database: reached, as written, with the right keys, clocks together."""

from datetime import timedelta

from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.core.checks import messages as check_levels
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from certificates.keycheck import KeysDoNotFit, require_fitting_keys
from certificates.models import KeyFingerprint
from certlookup.checks import TAG
from certlookup.ratecache import CountersGone, rate_cache
from certlookup.roles import Login
from uploads.models import DatabaseRole
from uploads.oversight.entitlements import differences
from uploads.oversight.matters import Seen, failure, warning, well

CLOCKS_DIFFER_AT_MOST = timedelta(seconds=2)
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


def look_at_counters() -> Seen:
    """Where the limits' counters stand, if not in the database."""
    if not settings.CACHE_URL:
        return well("they stand in the database", "存放在数据库中")
    try:
        rate_cache().require()
    except CountersGone as error:
        return failure(
            f"CACHE_URL can't be reached ({error}): each process limits lookups strictly by itself",
            f"CACHE_URL 连接不上（{error}）：各进程按更严的本地次数限制查询",
        )
    return well("CACHE_URL answers", "CACHE_URL 有应答")


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
