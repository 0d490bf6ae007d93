"""Typed reading of environment variables; NAME_FILE gives the value of NAME from a file (for secrets)."""

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv

variables = FileAwareEnv(strip_whitespace=True)

_RATE = re.compile(r"([1-9][0-9]*)/([1-9][0-9]*)?([smhd])")
# A server whose machine or network is gone is noticed, on TCP, without waiting for the system's quarter of an hour.
_NETWORK = {"tcp_user_timeout": 5000, "keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def text(name: str, default: str = "") -> str:
    """The variable as it stands, or the default; refuses an unreadable NAME_FILE."""
    try:
        return str(variables.str(name, default))
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error


def flag(name: str, *, default: bool) -> bool:
    """1/0, true/false, yes/no, on/off; anything else is refused rather than taken for false."""
    try:
        return bool(variables.bool(name, default))
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} has to be 1 or 0: {error}") from error


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number, at least `least`."""
    try:
        value = int(variables.int(name, default))
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} has to be a whole number: {error}") from error
    if value < least:
        raise ImproperlyConfigured(f"{name} has to be at least {least}, not {value}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} has to be one of {', '.join(allowed)}, not {value!r}.")
    return value


def database(url: str, *, name: str) -> dict[str, object]:
    """Django's description of a postgresql:// URL; host may stand in the query (a Unix socket's folder)."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} has to look like postgresql://user:password@host:port/database.")
    query = dict(parse_qsl(parts.query))
    try:
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: the port is not a number.") from error
    options: dict[str, object] = {"options": "-c search_path=certlookup", "connect_timeout": 2, **_NETWORK}
    options |= {key: value for key, value in query.items() if key not in {"host", "port"}}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", unquote(parts.hostname or "")),
        "PORT": query.get("port", str(port or "")),
        "OPTIONS": options,
    }


def limit_statements(described: dict[str, object], *, milliseconds: int) -> None:
    """Let the server end any statement of a database described by database() that takes longer."""
    options = described["OPTIONS"]
    assert isinstance(options, dict)
    options["options"] += f" -c statement_timeout={milliseconds}"


def plan_once(described: dict[str, object]) -> None:
    """Let the server plan a prepared statement once and keep to it: a lookup's plan is the same for every number."""
    options = described["OPTIONS"]
    assert isinstance(options, dict)
    options["options"] += " -c plan_cache_mode=force_generic_plan"


def file_text(path: Path) -> str:
    """The content of a key file, or nothing when there is none, or none for this process's user."""
    try:
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    except PermissionError:
        return ""


@lru_cache(maxsize=64)
def read_rate(value: str) -> tuple[int, int]:
    """A rate as uses and seconds: 300/m, 20/10m. Raises ValueError."""
    match = _RATE.fullmatch(value)
    if match is None:
        raise ValueError(value)
    return int(match[1]), int(match[2] or 1) * _SECONDS[match[3]]


def rate(name: str, default: str) -> str:
    """How often something may happen, as COUNT/PERIOD."""
    value = text(name, default)
    try:
        read_rate(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} has to look like 300/m or 20/10m, not {value!r}.") from error
    return value
