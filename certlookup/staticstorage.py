"""Static files under names that carry their digest, compressed, so that browsers keep them for good.

Nobody has to remember a step: a web server collects them at its start where they are missing or another version's.
"""

import fcntl
import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils.functional import cached_property
from whitenoise.storage import CompressedManifestStaticFilesStorage

MANIFEST = CompressedManifestStaticFilesStorage.manifest_name


class SiteFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's storage; a name's address is worked out once, and without a manifest it is the plain one.

    Commands and tests thus make pages without collected files. What serves has them: require_static_files().
    """

    @cached_property
    def addresses(self) -> dict[str, str]:
        """By name; templates ask at every request."""
        return {}

    def url(self, name: str, *arguments: object) -> str:
        """The address."""
        known = self.addresses.get(name)
        if known is None:
            known = self.addresses[name] = super().url(name, *arguments)
        return known

    def stored_name(self, name: str) -> str:
        """The name with its digest."""
        found: str = self.hashed_files.get(self.hash_key(self.clean_name(name)), name)
        return found

    def get_modified_time(self, name: str) -> datetime:
        """Not told: collectstatic would keep an old file wherever the new one bears an older date, out of an archive say."""
        raise NotImplementedError

    def save_manifest(self) -> None:
        """Write down the new names, and forget the addresses of old ones."""
        super().save_manifest()
        self.addresses.clear()

    def read_again(self) -> None:
        """Take up what another process has collected."""
        self.hashed_files, self.manifest_hash = self.load_manifest()
        self.addresses.clear()


def are_current() -> bool:
    """Whether every file of this program stands among the collected ones, under its digest and with this content."""
    root = Path(settings.STATIC_ROOT)
    try:
        names = json.loads((root / MANIFEST).read_bytes())["paths"]
        return all(
            (root / names[path.relative_to(folder).as_posix()]).read_bytes() == path.read_bytes()
            for folder in map(Path, settings.STATICFILES_DIRS)
            for path in folder.rglob("*")
            if path.is_file()
        )
    except (OSError, ValueError, KeyError):
        return False


def require_static_files() -> None:
    """Collect them if need be, one process at a time; refuse to serve where that can't be done."""
    if are_current():
        return
    root = Path(settings.STATIC_ROOT)
    try:
        root.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (root.parent / f".{root.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not are_current():
                call_command("collectstatic", interactive=False, verbosity=0)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The static files in {root} are missing or of another version of the program, and can't be written here "
            f"({error.strerror}). Run manage.py collectstatic --no-input as the user they belong to."
        ) from error
    if isinstance(staticfiles_storage, SiteFilesStorage):
        staticfiles_storage.read_again()
