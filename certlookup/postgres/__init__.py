"""The embedded PostgreSQL server of a machine that has none: its files, its account, its life and its URLs.

Everything here needs the standard library only, so that it also runs before the virtual environment exists.
"""

from certlookup.postgres.account import PostgresError
from certlookup.postgres.server import EmbeddedServer, Running, default_folder, ensure_urls

__all__ = ["EmbeddedServer", "PostgresError", "Running", "default_folder", "ensure_urls"]
