import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--print-permissions", action="store_true", help="write docs/permissions.md anew")
