"""What the migrations' own SQL says of functions and triggers, to be compared with what the database really has."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION (?P<name>\w+)\s*\((?P<arguments>[^)]*)\)\s*(?P<head>RETURNS.*?)AS \$\$(?P<body>.*?)\$\$",
    re.DOTALL,
)
_TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (?P<name>\w+)\s[^;]*?\sON (?P<table>\w+)\s", re.DOTALL)
_DROPPED_FUNCTION = re.compile(r"DROP FUNCTION (?:IF EXISTS )?(?P<name>\w+)\s*\((?P<arguments>[^)]*)\)")
_DROPPED_TRIGGER = re.compile(r"DROP TRIGGER (?:IF EXISTS )?(?P<name>\w+) ON (?P<table>\w+)")
SEARCH_PATH = "search_path=pg_catalog, certlookup, pg_temp"


@dataclass(frozen=True, slots=True, order=True)
class Function:
    """A function as written: its body to the letter, whose rights it has, and whether it fixes its search path."""

    name: str
    body: str
    runs_as_owner: bool
    fixes_search_path: bool


@dataclass(frozen=True, slots=True, order=True)
class Trigger:
    """A trigger by its table and name; ours fire ALWAYS."""

    table: str
    name: str


def functions_in(texts: Iterable[str]) -> list[Function]:
    """The functions that the texts create, in the order of their names; what a later text drops is not among them."""
    found: dict[tuple[str, tuple[str, ...]], Function] = {}
    for text in texts:
        for dropped in _DROPPED_FUNCTION.finditer(text):
            found.pop((dropped["name"], _types(dropped["arguments"])), None)
        for created in _FUNCTION.finditer(text):
            head = created["head"]
            found[created["name"], _types(created["arguments"])] = Function(
                created["name"], created["body"], "SECURITY DEFINER" in head, "SET search_path" in head
            )
    return sorted(found.values())


def triggers_in(texts: Iterable[str]) -> list[Trigger]:
    """The triggers that the texts create, in the order of their tables and names."""
    found: set[Trigger] = set()
    for text in texts:
        found -= {Trigger(dropped["table"], dropped["name"]) for dropped in _DROPPED_TRIGGER.finditer(text)}
        found |= {Trigger(created["table"], created["name"]) for created in _TRIGGER.finditer(text)}
    return sorted(found)


def _types(arguments: str) -> tuple[str, ...]:
    """The arguments' types, whether they are written with names and defaults or alone."""
    return tuple(_type(argument) for argument in arguments.split(",") if argument.strip())


def _type(argument: str) -> str:
    return argument.partition(" DEFAULT ")[0].split()[-1]


def statements_of(operations: Iterable[object]) -> Iterator[str]:
    """The SQL of a migration's RunSQL operations."""
    for operation in operations:
        sql = getattr(operation, "sql", None)
        if isinstance(sql, str):
            yield sql
