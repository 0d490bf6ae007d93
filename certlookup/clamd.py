"""Asking a clamd whether bytes are known to be harmful, over its own protocol (INSTREAM, VERSION); no library needed.

Whatever isn't a clear answer raises ScannerAway: nothing is taken for clean because nobody could look.
"""

import contextlib
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

CONNECT_SECONDS = 3
# A large workbook is unpacked and looked at; clamd's own limits (MaxScanTime) end sooner.
ANSWER_SECONDS = 120
_LARGEST_PIECE = 1024 * 1024
_LONGEST_ANSWER = 4096


class ScannerAway(Exception):
    """clamd can't be reached, or said something that is neither clean nor found; the message says what."""


@dataclass(frozen=True, slots=True)
class Version:
    """What clamd runs with: its own version, the signatures' number and their time; None where it has none.

    The time is as clamd writes it, in the zone of clamd's machine, which it doesn't tell: good for the day.
    """

    engine: str
    signatures: str
    signed_at: datetime | None


def read_address(address: str) -> tuple[str, int] | str:
    """unix:/path as the path, host:port as both; raises ValueError for anything else."""
    if address.startswith("unix:/"):
        return address.removeprefix("unix:")
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(address)
    return host.strip("[]"), int(port)


def scan(address: str, pieces: Iterable[bytes]) -> str:
    """The name of what was found in the bytes, or nothing when they are clean. Raises ScannerAway."""
    with _connected(address) as connection:
        try:
            # clamd may answer and hang up in the middle, when the stream is longer than it takes.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(b"zINSTREAM\0")
                for piece in pieces:
                    for start in range(0, len(piece), _LARGEST_PIECE):
                        part = piece[start : start + _LARGEST_PIECE]
                        connection.sendall(struct.pack("!I", len(part)) + part)
                connection.sendall(struct.pack("!I", 0))
            answer = _answer(connection)
        except OSError as error:
            raise ScannerAway(str(error) or type(error).__name__) from error
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND") or "unnamed"
    raise ScannerAway(answer or "it hung up without an answer")


def version(address: str) -> Version:
    """What clamd says of itself. Raises ScannerAway."""
    with _connected(address) as connection:
        try:
            connection.sendall(b"zVERSION\0")
            answer = _answer(connection)
        except OSError as error:
            raise ScannerAway(str(error) or type(error).__name__) from error
    engine, _, rest = answer.partition("/")
    if not engine.startswith("ClamAV"):
        raise ScannerAway(answer or "it hung up without an answer")
    number, _, day = rest.partition("/")
    return Version(engine, number, _moment(day))


def _moment(text: str) -> datetime | None:
    """As ctime() writes it, in clamd's own zone; off by some hours at most, where days matter."""
    try:
        return datetime.strptime(text.strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


def _connected(address: str) -> socket.socket:
    try:
        place = read_address(address)
        if isinstance(place, str):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(CONNECT_SECONDS)
            try:
                connection.connect(place)
            except BaseException:
                connection.close()
                raise
        else:
            connection = socket.create_connection(place, CONNECT_SECONDS)
    except OSError as error:
        raise ScannerAway(str(error) or type(error).__name__) from error
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _answer(connection: socket.socket) -> str:
    """Up to the terminating null character, or to the end of what is sent."""
    received = b""
    while b"\0" not in received and len(received) < _LONGEST_ANSWER:
        piece = connection.recv(1024)
        if not piece:
            break
        received += piece
    return received.partition(b"\0")[0].decode("utf-8", "replace").strip()
