"""An import only goes down (docs/developers.md): pages and commands, forms, actions, models, pure rules; and between
the packages uploads, certificates, certlookup."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = ("certlookup", "certificates", "uploads")
PAGES, FORMS, ACTIONS, MODELS, RULES = 5, 4, 3, 2, 1
LAYER_NAMES = {PAGES: "page or command", FORMS: "form", ACTIONS: "action", MODELS: "model", RULES: "pure rule"}
# Modules that know no database, request or clock; a name stands for everything below it too.
PURE = (
    "certlookup.calendar",
    "certlookup.spreadsheets",
    "uploads.intake.celltext",
    "uploads.intake.changerules",
    "uploads.intake.changes",
    "uploads.intake.columns",
    "uploads.intake.rows",
    "uploads.intake.rules",
    "uploads.intake.profiles",
    "uploads.intake.shippedprofiles",
    "uploads.intake.conversion",
    "uploads.intake.dateforms",
    "uploads.intake.daterules",
    "uploads.intake.fieldrules",
    "uploads.intake.fields",
    "uploads.intake.fieldtexts",
    "uploads.intake.findings",
)
# Tables of what the models' enumerations may do; they stand beside the models.
BESIDE_MODELS = ("uploads.signoff.states", "uploads.signoff.capacities")
# Whatever else certificates/ holds, beside its models and pages, is a pure rule.
CERTIFICATES_ACTIONS = tuple(
    f"certificates.{name}"
    for name in (
        "register",
        "reference",
        "keycheck",
        "lookup",
        "sealedquery",
        "codes",
        "lists",
        "enquiries",
        "held",
        "flooding",
        "forgeries",
        "schedule",
        "statutory",
        "limits",
        "load",
        "challenge",
    )
)
# What wires the project together names everything and is imported by nothing.
WIRING = ("certlookup.urls", "certlookup.settings")
FORBIDDEN_NAMES = frozenset(
    {"utils", "helpers", "common", "services", "service", "manager", "managers", "util", "helper"}
)


@dataclass(frozen=True, slots=True)
class Import:
    importer: str
    imported: str
    line: int
    function: str | None

    def __str__(self) -> str:
        return f"{self.importer} line {self.line} imports {self.imported}"


def modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            name = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = path
    return found


MODULES = modules()


def imports(name: str, path: Path) -> Iterator[Import]:
    """Every import of a module; one from a package counts as of the module that it names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions: list[tuple[int, int, str]] = [
        (node.lineno, node.end_lineno or node.lineno, node.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
                base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
            submodules = [f"{base}.{alias.name}" for alias in node.names]
            targets = [target if target in MODULES else base for target in submodules]
        else:
            continue
        inside = next((function for first, last, function in functions if first <= node.lineno <= last), None)
        for target in dict.fromkeys(targets):
            yield Import(name, target, node.lineno, inside)


ALL_IMPORTS = [found for name, path in MODULES.items() for found in imports(name, path)]


def within(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def layer(name: str) -> int | None:
    """The layer of one of our modules, or None where the rule doesn't reach: wiring, migrations, the foundation."""
    parts = name.split(".")
    if parts[0] not in PACKAGES or "migrations" in parts or within(name, WIRING):
        return None
    if within(name, PURE):
        return RULES
    if parts[0] == "certlookup" or len(parts) == 1 or parts[-1] == "apps":
        return None
    if "pages" in parts:
        return FORMS if "forms" in parts else PAGES
    if "management" in parts:
        return PAGES
    if "models" in parts or within(name, BESIDE_MODELS):
        return MODELS
    return ACTIONS if parts[0] == "uploads" or within(name, CERTIFICATES_ACTIONS) else RULES


def test_an_import_only_goes_down_the_layers() -> None:
    breaches = []
    for found in ALL_IMPORTS:
        above, below = layer(found.importer), layer(found.imported)
        if above is not None and below is not None and below > above:
            breaches.append(f"{found}: a {LAYER_NAMES[above]} imports a {LAYER_NAMES[below]}")
    assert not breaches, "\n".join(breaches)


def test_uploads_stands_on_certificates_and_both_on_certlookup_never_the_other_way_round() -> None:
    breaches = [
        str(found)
        for found in ALL_IMPORTS
        if (found.importer.startswith("certificates") and within(found.imported, ("uploads",)))
        or (
            found.importer.startswith("certlookup")
            and not within(found.importer, WIRING)
            and within(found.imported, ("uploads", "certificates"))
        )
    ]
    assert not breaches, "\n".join(breaches)


def test_pure_rules_know_no_database_and_no_request() -> None:
    forbidden = ("django.db", "django.http", "django.conf", "psycopg", "procrastinate")
    breaches = [
        str(found) for found in ALL_IMPORTS if layer(found.importer) == RULES and within(found.imported, forbidden)
    ]
    assert not breaches, "\n".join(breaches)


def test_actions_and_models_know_no_request_and_no_response() -> None:
    forbidden = ("django.http", "django.shortcuts", "django.views", "django.forms")
    breaches = [
        str(found)
        for found in ALL_IMPORTS
        if layer(found.importer) in {ACTIONS, MODELS} and within(found.imported, forbidden)
    ]
    assert not breaches, "\n".join(breaches)


def test_no_import_stands_inside_a_function_but_in_ready() -> None:
    breaches = [
        str(found)
        for found in ALL_IMPORTS
        if found.function is not None and not (found.function == "ready" and found.importer.endswith(".apps"))
    ]
    assert not breaches, "\n".join(breaches)


def test_no_module_is_called_utils_helpers_common_services_or_manager() -> None:
    named = [name for name in MODULES if FORBIDDEN_NAMES & set(name.split("."))]
    assert not named


def test_the_admin_site_is_not_used() -> None:
    breaches = [str(found) for found in ALL_IMPORTS if within(found.imported, ("django.contrib.admin",))]
    assert not breaches, "\n".join(breaches)


@pytest.mark.parametrize("name", ["uploads.pages.views", "uploads.management.commands.receive"])
def test_the_layers_of_pages_and_commands_are_known(name: str) -> None:
    assert layer(name) == PAGES


def test_the_layers_of_forms_actions_models_and_rules_are_known() -> None:
    assert layer("certificates.pages.forms") == FORMS
    assert layer("uploads.signoff.sign") == ACTIONS
    assert layer("uploads.models.intake") == MODELS
    assert layer("uploads.signoff.states") == MODELS
    assert layer("uploads.intake.rows") == RULES
    assert layer("certificates.idnumber") == RULES
