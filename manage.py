#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from certlookup.postgres import PostgresError, ensure_urls

# Commands that read and write files only; every other one gets a database, the embedded server's if none is named.
WITHOUT_DATABASE = frozenset({"help", "version", "check", "collectstatic", "makemigrations", "make_sample_files"})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "certlookup.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_DATABASE and not command.startswith("-") and not {"--help", "-h"} & set(sys.argv):
        try:
            running = ensure_urls(os.environ)
        except PostgresError as error:
            sys.exit(str(error))
        if running is not None and command == "set_up_database":
            os.environ["DATABASE_SUPERUSER_URL"] = running.superuser_url
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
