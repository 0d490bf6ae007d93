"""`python -m certlookup.postgres`, called by `make clean`: removes the data that don't lie in var/ itself."""

import sys

from certlookup.postgres.account import PostgresError
from certlookup.postgres.server import default_folder, remove_data

try:
    remove_data(default_folder())
except PostgresError as error:
    sys.exit(str(error))
