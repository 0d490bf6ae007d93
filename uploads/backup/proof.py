"""A dump that was restored and recomputed before anybody relies on it, encrypted for whoever keeps the private key."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import pyrage
from django.conf import settings
from django.utils import timezone
from psycopg import sql

from certlookup.roles import SCHEMA
from uploads.backup.files import FileCopy, SentFile, encrypt_new, sent_files
from uploads.backup.places import FILES, digest_of
from uploads.backup.scratch import Workshop
from uploads.backup.tools import ALIAS, BackupError, Tools, find_tools
from uploads.models import BackupProof, Release
from uploads.oversight.auditchain import verify_audit
from uploads.oversight.verification import Difference, open_connection, verify_register

SUFFIX = ".age"
MANIFEST_SUFFIX = ".json"
MANIFEST_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table's rows: how many, and a sum over their hashes, whatever their order."""

    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds at one moment; the same before a dump and after its restore."""

    tables: Mapping[str, Table]
    publication: str
    root: str
    digest: str
    audit_number: int
    audit_hash: str
    migrations: tuple[str, ...]

    def rows_of(self, table: str) -> int:
        return self.tables[table].rows


@dataclass(frozen=True, slots=True)
class Proven:
    """A proven, encrypted backup and its manifest, ready to be copied."""

    proof: BackupProof
    file: Path
    manifest: Path
    files: tuple[FileCopy, ...]


def make_proven(shop: Workshop, release: Release, known: Mapping[str, FileCopy]) -> Proven:
    """Dump, restore, compare, encrypt, and note the proof (backup_proof). All is in the work folder, but for known files.

    The dump is of one moment, exported to pg_dump, with which the restored database is compared table by table; there
    every leaf, digest, root and hash is computed once more. Raises BackupError; then no proof is noted.
    """
    begun = time.monotonic()
    tools = find_tools(shop.connection.info.server_version)
    recipient = _recipient()
    publication = release.publication
    if publication is None or publication.root is None:
        raise BackupError("上网数据的校验值还没有写入，暂不能备份。")
    dump = shop.folder / "register.dump"
    state, sent = _dump(tools, dump)
    restored, differences, _ = restore_and_verify(shop, tools, dump, unseal=True)
    refuse_differences(state, restored, differences)
    files, lost = encrypt_new(sent, known, shop.folder / FILES, recipient)

    made_at = timezone.now()
    target = shop.folder / f"certlookup-{publication.number}-{made_at:%Y%m%dT%H%M%S%f}Z{SUFFIX}"
    dump_digest = digest_of(dump)
    pyrage.encrypt_file(str(dump), str(target), [recipient])
    dump.unlink()
    digest = digest_of(target)
    proof = BackupProof(
        release=release,
        file_name=target.name,
        proven_at=made_at,
        seconds=time.monotonic() - begun,
        certificate_count=state.rows_of("certificate"),
        publication_count=state.rows_of("publication"),
        root=bytes.fromhex(state.root),
        audit_number=state.audit_number,
        audit_hash=bytes.fromhex(state.audit_hash),
        encrypted_digest=digest,
        byte_count=target.stat().st_size,
    )
    manifest = target.with_name(target.name + MANIFEST_SUFFIX)
    server = shop.connection.info.parameter_status("server_version") or ""
    versions = {"server": server, "pg_dump": tools.version}
    content = _manifest(proof, state, dump_digest, versions) | {
        "files": [asdict(file) for file in files],
        "files_lost": lost,
    }
    manifest.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    proof.save(force_insert=True)
    return Proven(proof, target, manifest, tuple(files))


def restore_and_verify(
    shop: Workshop, tools: Tools, dump: Path, *, unseal: bool
) -> tuple[State, tuple[Difference, ...], tuple[SentFile, ...]]:
    """Restore a dump into a scratch database of the backup role's; what it holds, what differs in itself, its files."""
    with shop.scratch_database() as name:
        tools.restore(dump, name)
        with open_connection(ALIAS, name) as scratch:
            differences = (*verify_register(scratch, unseal=unseal), *verify_audit(scratch))
            return read_state(scratch), differences, sent_files(scratch.cursor())


def refuse_differences(expected: State, restored: State, differences: tuple[Difference, ...]) -> None:
    """Raise BackupError if the restored database is not what was dumped, or not sound in itself."""
    if differences:
        raise BackupError(f"恢复后重新计算，有{len(differences)}处不一致，例如 {differences[0]}"[:290])
    if restored != expected:
        tables = expected.tables.keys() | restored.tables.keys()
        unequal = sorted(name for name in tables if expected.tables.get(name) != restored.tables.get(name))
        raise BackupError(f"恢复后的数据与数据库中的不一致：{'、'.join(unequal) or '校验值'}"[:290])


def read_state(connection: psycopg.Connection[Any], schema: str = SCHEMA) -> State:
    """Count and sum up every table that a dump holds, as the connection's transaction sees them; its path begins there."""
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r' "
        "AND relpersistence = 'p' ORDER BY relname",
        [schema],
    ).fetchall()
    tables = {}
    for (name,) in names:
        statement = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {} t")
        tables[name] = Table(*connection.execute(statement.format(sql.Identifier(schema, name))).fetchone() or (0, ""))
    number, root, digest = connection.execute(
        "SELECT number, coalesce(encode(root, 'hex'), ''), encode(digest, 'hex') FROM publication ORDER BY id DESC LIMIT 1"
    ).fetchone() or ("", "", "")
    entry, entry_hash = connection.execute("SELECT number, encode(hash, 'hex') FROM audit_head").fetchone() or (0, "")
    migrations = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
    return State(tables, number, root, digest, entry, entry_hash, tuple(name for (name,) in migrations))


def _dump(tools: Tools, target: Path) -> tuple[State, tuple[SentFile, ...]]:
    """Dump what one transaction sees; its state, and the files that belong to it. The transaction reads only, and holds up nobody but a migration."""
    with open_connection(ALIAS) as connection:
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        tools.dump(target, snapshot=snapshot)
        return read_state(connection), sent_files(connection.cursor())


def _recipient() -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(settings.BACKUP_RECIPIENT)
    except pyrage.RecipientError as error:
        raise BackupError("备份的公钥（BACKUP_RECIPIENT）没有设置或不正确。") from error


def _manifest(proof: BackupProof, state: State, dump_digest: bytes, versions: Mapping[str, str]) -> dict[str, Any]:
    """What lies beside a copy: enough to check it by, nothing personal."""
    return {
        "format": MANIFEST_FORMAT,
        "file": proof.file_name,
        "sha256": bytes(proof.encrypted_digest).hex(),
        "bytes": proof.byte_count,
        "dump_sha256": dump_digest.hex(),
        "made_at": proof.proven_at.isoformat(),
        "proven_in_seconds": round(proof.seconds, 3),
        "release": proof.release.number,
        "recipient": settings.BACKUP_RECIPIENT,
        "state": asdict(state),
        "versions": {**versions, **{name: version(name) for name in ("django", "psycopg", "pyrage")}},
    }


def read_manifest(path: Path) -> tuple[str, State]:
    """The SHA-256 and the state that a manifest states. Raises BackupError if it isn't one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != MANIFEST_FORMAT:
            raise BackupError(f"{path.name}: unknown format {content['format']}.")
        state = content["state"]
        tables = {name: Table(**table) for name, table in state["tables"].items()}
        return content["sha256"], State(**state | {"tables": tables, "migrations": tuple(state["migrations"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{path.name} can't be read as a manifest: {error}") from error


def read_files(manifest: Path, *, recipient: str = "") -> tuple[FileCopy, ...]:
    """The uploaded files that a manifest lists, for that recipient if one is named. Raises BackupError.

    None are listed by a version before they were part of backups.
    """
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        if recipient not in {"", content["recipient"]}:
            return ()
        return tuple(FileCopy(**file) for file in content.get("files", ()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{manifest.name} can't be read as a manifest: {error}") from error
