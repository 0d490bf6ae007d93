"""A small server that speaks clamd's protocol on a real socket, as far as we use it."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Eicar-Test-Signature"


class _Clamd(socketserver.StreamRequestHandler):
    server: "FakeClamd"

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            piece = self.rfile.read(1)
            if not piece:
                return
            command += piece
        if self.server.answer is not None:
            self.wfile.write(self.server.answer)
        elif command == b"zVERSION\0":
            self.wfile.write(b"ClamAV 1.0.7/27458/" + f"{self.server.signed_at:%a %b %d %H:%M:%S %Y}".encode() + b"\0")
        elif command == b"zINSTREAM\0":
            self._scan()

    def _scan(self) -> None:
        received = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            received += self.rfile.read(size)
            if len(received) > self.server.longest:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.scanned.append(received)
        found = f"{SIGNATURE} FOUND" if EICAR in received else "OK"
        self.wfile.write(f"stream: {found}\0".encode())


class FakeClamd(socketserver.ThreadingTCPServer):
    """What it was sent, and what it says; `answer` lets it say something else to everything."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clamd)
        self.scanned: list[bytes] = []
        self.answer: bytes | None = None
        self.longest = 10 * 1024 * 1024
        self.signed_at = datetime.now(UTC)

    @property
    def address(self) -> str:
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"


@contextmanager
def running_clamd() -> Iterator[FakeClamd]:
    """One that runs until the end of the block."""
    with FakeClamd() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
