"""A copy tried from the file alone, with the private key: decrypted, restored into a scratch database, recomputed; and the files beside it."""

from dataclasses import dataclass
from pathlib import Path

import pyrage
from django.conf import settings

from uploads.backup.files import KeptFiles
from uploads.backup.places import digest_of
from uploads.backup.proof import MANIFEST_SUFFIX, State, read_manifest, restore_and_verify
from uploads.backup.scratch import workshop
from uploads.backup.tools import BackupError, find_tools


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a copy holds, and what is wrong with it; without a manifest beside it nothing is compared with one."""

    state: State
    problems: tuple[str, ...]
    file_count: int
    has_manifest: bool
    unsealed: bool


def verify_backup(file: Path, identity_file: Path) -> Verdict:
    """Restore a copy and compare it with its manifest, and its register and trail with themselves.

    The uploaded files beside it are opened and compared with what its rows say. ID numbers are opened if the keys are there. Writes nothing that stays. Raises BackupError, one English sentence,
    if the file can't be decrypted or restored.
    """
    identities = identities_in(identity_file)
    manifest = file.with_name(file.name + MANIFEST_SUFFIX)
    stated = read_manifest(manifest) if manifest.exists() else None
    problems = []
    with workshop() as shop:
        try:
            if stated and digest_of(file).hex() != stated[0]:
                problems.append(f"{file.name}: the SHA-256 is not the one in the manifest")
            dump = shop.folder / "register.dump"
            pyrage.decrypt_file(str(file), str(dump), identities)
        except OSError as error:
            raise BackupError(f"{file} can't be read: {error.strerror}.") from error
        except pyrage.DecryptError as error:
            raise BackupError(f"{file} does not open with this key, or was damaged: {error}.") from error
        unsealed = bool(settings.CERTLOOKUP_KEYS)
        tools = find_tools(shop.connection.info.server_version)
        state, differences, files = restore_and_verify(shop, tools, dump, unseal=unsealed)
        problems += [str(difference) for difference in differences]
        problems += KeptFiles(file, identities).problems(files, shop.folder)
    if stated and stated[1] != state:
        problems.append("restored tables, root or audit head are not those in the manifest")
    return Verdict(state, tuple(problems), len(files), has_manifest=stated is not None, unsealed=unsealed)


def identities_in(path: Path) -> list[pyrage.x25519.Identity]:
    """The private keys in a file as age-keygen writes it. Raises BackupError, never quoting it."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [pyrage.x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and line[0] != "#"]
    except OSError as error:
        raise BackupError(f"{path} can't be read: {error.strerror}.") from error
    except (UnicodeDecodeError, pyrage.IdentityError) as error:
        raise BackupError(f"{path} is not a file of age private keys.") from error
