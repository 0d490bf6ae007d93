"""A Django project without middleware, apps and templates."""

from tests.bench.measured import *  # noqa: F403 - settings are read by their names

ROOT_URLCONF = "tests.bench.floors.urls"
