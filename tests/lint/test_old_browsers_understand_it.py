"""The floor is Chrome 80, iOS 13 and WeChat's browser: what they don't know stands in no stylesheet and no script."""

import re

import pytest

from tests.databases import PROJECT

STATIC = PROJECT / "static"
# One of these unknown words makes such a browser drop the whole rule, or all of the script.
UNKNOWN_IN_CSS = {
    r":has\(": ":has()",
    r":is\(|:where\(": ":is() and :where()",
    r"@layer|@container|@scope|@property|@starting-style": "layers, containers, scopes",
    r"color-mix\(|oklch\(|light-dark\(": "new colours",
    r"\d[dsl]v[hw]\b": "new units",
    r"(?<![\w-])inset\s*:|inset-(?:block|inline)": "inset",
    r"(?:margin|padding|border)-(?:block|inline)\s*:": "logical shorthands",
    r"(?<![\w-])(?:width|height)\s*[<>]=?\s*\d": "ranges in media queries",
    r"aspect-ratio\s*:": "aspect-ratio",
    r"subgrid": "subgrid",
    r"[{;}]\s*&": "nesting",
}
UNKNOWN_IN_JS = {
    r"\?\.(?!\d)": "optional chaining",
    r"\?\?": "nullish coalescing",
    r"\|\|=|&&=": "assignment by logic",
    r"\.(?:at|replaceAll|findLast|toSorted|hasOwn)\(": "new methods",
    r"(?<![\w.])await\s[^;]*;\s*$(?![\s\S]*\})": "await outside functions",
    r"[{;]\s*#\w+\s*[=;(]|this\.#": "private fields",
    r"structuredClone|import\s*\(": "new functions",
}


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(("pattern", "name"), UNKNOWN_IN_CSS.items())
def test_the_stylesheet_needs_nothing_newer(pattern: str, name: str) -> None:
    found = re.search(pattern, without_comments((STATIC / "css" / "site.css").read_text(encoding="utf-8")))
    assert found is None, f"{name}: {found}"


def test_a_gap_stands_in_grids_alone_and_under_its_old_name_too() -> None:
    text = without_comments((STATIC / "css" / "site.css").read_text(encoding="utf-8"))
    for rule in re.findall(r"\{([^{}]*)\}", text):
        gaps = re.findall(r"(?<![\w-])((?:column-|row-)?gap)\s*:", rule)
        for gap in gaps:
            assert f"grid-{gap}:" in rule.replace(" :", ":"), f"browsers that know no flex gap: {rule.strip()}"


@pytest.mark.parametrize(("pattern", "name"), UNKNOWN_IN_JS.items())
def test_the_scripts_need_nothing_newer(pattern: str, name: str) -> None:
    for script in sorted((STATIC / "js").glob("*.js")):
        found = re.search(pattern, re.sub(r"//.*", "", without_comments(script.read_text(encoding="utf-8"))))
        assert found is None, f"{script.name}, {name}: {found}"
