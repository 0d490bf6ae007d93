"""Which processes of this machine hold connections."""

import os
from pathlib import Path

ESTABLISHED = "01"


def holders(server_port: int, client_ports: set[int]) -> list[int]:
    """The process at the other end of each of these connections."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, remote, state, *_, inode = line.split()[:10]
        ports = [int(end.split(":")[1], 16) for end in (local, remote)]
        if state == ESTABLISHED and ports[0] == server_port and ports[1] in client_ports:
            inodes.add(f"socket:[{inode}]")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found += [int(process.name) for file in (process / "fd").iterdir() if os.readlink(file) in inodes]
        except OSError:
            continue
    return found
