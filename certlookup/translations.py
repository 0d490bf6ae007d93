"""The texts' English: collecting what is marked for translation, compiling it, and telling what still lacks it.

    python -m certlookup.translations update          brings locale/en's django.po up to what the sources say
    python -m certlookup.translations compile FILE    writes the .mo beside a .po

Works without Django's gettext tools, which a machine may not have. The texts in the sources are Chinese.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
LANGUAGE = "en"
ENGLISH = PROJECT / "certlookup" / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
PYTHON_FOLDERS = ("certlookup", "certificates", "uploads")
# The functions that mark a text; which argument is what follows from their names.
SINGULAR = ["_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "pgettext_lazy"]
PLURAL = ["ngettext", "ngettext_lazy", "npgettext", "npgettext_lazy"]
FIRST_CREATED = datetime(2026, 11, 24, tzinfo=UTC)
Texts = str | list[str] | tuple[str, ...] | None
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")


def sources() -> Iterator[Path]:
    """Every file that may hold a marked text."""
    yield from sorted((PROJECT / "templates").rglob("*.html"))
    for folder in PYTHON_FOLDERS:
        yield from sorted((PROJECT / folder).rglob("*.py"))


def collect() -> Catalog:
    """Everything marked in the sources, without translations; each text with the files it stands in."""
    catalog = _new_catalog()
    for path in sources():
        name = path.relative_to(PROJECT).as_posix()
        for line, function, arguments in _marked(path):
            context, text = _text(function, arguments)
            if text:
                catalog.add(text, locations=[(name, line)], context=context)
    return catalog


def _new_catalog() -> Catalog:
    """An empty catalogue whose header doesn't change with every run."""
    return Catalog(
        locale=LANGUAGE,
        project="certlookup",
        version="1",
        creation_date=FIRST_CREATED,
        revision_date=FIRST_CREATED,
        last_translator="certlookup",
        language_team="certlookup",
        msgid_bugs_address="none",
        header_comment="# The English texts; `make translations` brings this file up to the sources.",
        fuzzy=False,
    )


def _marked(path: Path) -> Iterator[tuple[int, str, tuple[str | None, ...]]]:
    """Line, function and arguments of each marked text; a template is read as Django itself reads it for gettext."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        text = templatize(text, origin=str(path))
    keywords: dict[str, None] = dict.fromkeys(SINGULAR + PLURAL)
    calls: Iterable[tuple[int, Any, Any, Any]] = extract_python(BytesIO(text.encode()), keywords, (), {})
    for line, function, found, _ in calls:
        yield line, str(function), (found,) if isinstance(found, str) else tuple(found)


def _text(function: str, arguments: tuple[str | None, ...]) -> tuple[str | None, str | tuple[str, str] | None]:
    """Context and text (with its plural) of one call; no text when it isn't a literal."""
    context: str | None = None
    if "pgettext" in function:
        context, *rest = arguments
        arguments = tuple(rest)
    if function.startswith("n"):
        first, second = (*arguments, None, None)[:2]
        return context, (first, second) if first and second else None
    return context, arguments[0] if arguments else None


def read_catalogue(path: Path = ENGLISH) -> Catalog:
    """A .po file, or an empty catalogue where there is none."""
    if not path.exists():
        return _new_catalog()
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def shortcomings() -> list[str]:
    """One line per marked text whose English is missing, uncertain, or names other placeholders than the source."""
    english = read_catalogue()
    lines = []
    for message in collect():
        if message.id:
            found = english.get(message.id, message.context)
            reason = _shortcoming(message, found)
            if reason:
                place = ", ".join(sorted({name for name, _ in message.locations}))
                lines.append(f"{place}: {reason}: {_first(message.id)}")
    return lines


def _shortcoming(message: Message, found: Message | None) -> str | None:
    """What is wrong with a translation, in a word or two."""
    if found is None or not all(_all(found.string)):
        return "no English"
    if found.fuzzy:
        return "uncertain English"
    wanted = _placeholders(_all(message.id)[-1])
    if any(_placeholders(text) != wanted for text in _all(found.string)[-1:]):
        return "other placeholders in English"
    return None


def _all(texts: Texts) -> list[str]:
    """A text and its plural, or the one text; a missing translation is an empty text."""
    return [texts or ""] if texts is None or isinstance(texts, str) else list(texts)


def _first(texts: Texts) -> str:
    """The text as a message shows it, on one line."""
    return " ".join(_all(texts)[0].split())


def _placeholders(text: str) -> set[str]:
    """The names of what is put into a text."""
    return {"".join(groups) for groups in PLACEHOLDER.findall(text)}


def update() -> None:
    """Write the English .po anew: all marked texts, known translations kept, texts no longer marked dropped."""
    english = read_catalogue()
    fresh = _new_catalog()
    for message in collect():
        if message.id:
            found = english.get(message.id, message.context)
            fresh.add(
                message.id,
                found.string if found else None,
                locations=sorted({(name, 0) for name, _ in message.locations}),
                flags=(found.flags if found else set()) | message.flags,
                user_comments=found.user_comments if found else (),
                context=message.context,
            )
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, fresh, width=110, omit_header=False, include_lineno=False, sort_by_file=True)


def compile_catalogue(path: Path) -> None:
    """Write the .mo that Django reads beside a .po."""
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read_catalogue(path))


def main(arguments: list[str]) -> int:
    """The exit status: 0 done, 1 the call is not understood."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    match arguments:
        case ["update"]:
            update()
        case ["compile", *paths] if paths:
            for path in paths:
                compile_catalogue(Path(path))
        case _:
            print(__doc__, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
