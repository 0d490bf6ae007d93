"""An empty Debian on this machine, with systemd and a network of its own: what is typed there disturbs nobody.

debootstrap makes it, systemd-nspawn boots it; both want root. Packages come over this machine's network before it is
booted; from then on it is alone with its loopback.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from certlookup.postgres.keeper import die_with_parent
from tests.databases import PROJECT

RELEASE = "bookworm"
PACKAGES = "ca-certificates,systemd,systemd-sysv,dbus,iproute2,curl"
LONGEST = 900
BOOT_SECONDS = 90
TRIES = 3
# How this machine reaches the registries is how the new one does.
_LIKE_HERE = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf", "/etc/xdg/pip")
_PASSED_ON = ("PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "http_proxy", "https_proxy", "no_proxy")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    """The machine's folder, and, once it is booted, its first process."""

    def __init__(self, root: Path, log: Path) -> None:
        self.root = root
        self.log = log
        self.first_process = 0

    def path(self, inside: str) -> Path:
        """Where a file of the machine lies here."""
        return self.root / inside.lstrip("/")

    def type(self, block: str, **put: str) -> str:
        """Type a block as root, words in capitals replaced as told; each command has to succeed. What it printed."""
        for written, meant in put.items():
            assert written in block, f"nothing to fill in for {written} in:\n{block}"
            block = block.replace(written, meant)
        with self.log.open("a", encoding="utf-8") as log:
            log.write("".join(f"# {line}\n" for line in block.splitlines()))
        answer = subprocess.run(
            [*self._entering(), "/bin/bash", "-o", "pipefail", "-ec", block],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(answer.stdout)
        assert answer.returncode == 0, f"exit {answer.returncode} of\n{block}\nwhich said\n{answer.stdout[-4000:]}"
        return answer.stdout

    def run_here(self, command: Sequence[str], *, seconds: int = LONGEST) -> None:
        """Run a program of this machine in the other one's network, such as a browser. Its words show."""
        there = ["nsenter", f"--target={self.first_process}", "--net", *command]
        subprocess.run(there, cwd=PROJECT, timeout=seconds, check=True)

    @contextmanager
    def booted(self) -> Iterator[None]:
        """Boot it; shut it down afterwards."""
        command = ["systemd-nspawn", f"--directory={self.root}", "--register=no", "--keep-unit", "--private-network"]
        with (self.root.parent / "console.log").open("wb") as console:
            nspawn = subprocess.Popen(
                [*command, "--boot"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - as it must be
            )
        try:
            self._wait_until_booted(nspawn)
            yield
        finally:
            self.first_process = 0
            nspawn.terminate()
            try:
                nspawn.wait(60)
            except subprocess.TimeoutExpired:
                nspawn.kill()
                nspawn.wait()

    def _wait_until_booted(self, nspawn: subprocess.Popen[bytes]) -> None:
        patience = time.monotonic() + BOOT_SECONDS
        while True:
            assert nspawn.poll() is None, (self.root.parent / "console.log").read_text(errors="replace")
            assert time.monotonic() < patience, f"the machine did not boot within {BOOT_SECONDS} seconds"
            self.first_process = _first_process_below(nspawn.pid)
            if self.first_process and self.path("/run/systemd/private").parent.exists():
                answer = subprocess.run(
                    [*self._entering(), "systemctl", "is-system-running", "--wait"],
                    env=self._environment(),
                    capture_output=True,
                    text=True,
                    timeout=BOOT_SECONDS,
                    check=False,
                )
                if answer.stdout.strip() in {"running", "degraded"}:
                    return
            time.sleep(0.5)

    def _entering(self) -> list[str]:
        if self.first_process:
            namespaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wdns=/root")
            return ["nsenter", f"--target={self.first_process}", *namespaces]
        # Before it is booted: its files, this machine's network, no services.
        return ["systemd-nspawn", f"--directory={self.root}", "--register=no", "--keep-unit", "--quiet", "--pipe"] + [
            f"--setenv={name}={value}" for name, value in self._environment().items()
        ]

    def _environment(self) -> dict[str, str]:
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return {"PATH": _PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"} | passed


def _first_process_below(nspawn: int) -> int:
    """The process that is number 1 in the machine."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        numbers = lines.get("NSpid", "").split()
        if len(numbers) > 1 and numbers[-1] == "1" and _descends(int(numbers[0]), nspawn):
            return int(numbers[0])
    return 0


def _descends(process: int, ancestor: int) -> bool:
    while process > 1:
        if process == ancestor:
            return True
        try:
            stat = Path(f"/proc/{process}/stat").read_text()
        except OSError:
            return False
        process = int(stat.rpartition(")")[2].split()[1])
    return False


def make_machine(folder: Path) -> Machine:
    """An empty Debian below the folder, with the program's files at /opt/certlookup and nothing else of ours."""
    for program in ("debootstrap", "systemd-nspawn"):
        assert shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin"), f"make test-full installs {program}"
    assert os.geteuid() == 0, "the drill makes a machine of its own, which only root can"
    root, log = folder / "root", folder / "typed.log"
    _install_debian(root)
    machine = Machine(root, log)
    for name in _LIKE_HERE:
        here = Path(name)
        if here.exists():
            machine.path(name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if here.is_dir() else shutil.copy)(here, machine.path(name))
    _put_program(machine.path("/opt/certlookup"))
    return machine


def _install_debian(root: Path) -> None:
    """By debootstrap; a download that failed says nothing about us, and is tried again."""
    command = ["/usr/sbin/debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(root)]
    for _ in range(TRIES):
        made = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
        if made.returncode == 0:
            break
        shutil.rmtree(root, ignore_errors=True)
    assert made.returncode == 0, made.stdout[-1000:] + made.stderr[-1000:]
    (root / "etc/apt/apt.conf.d/90retries").write_text('Acquire::Retries "5";\n')


def _put_program(target: Path) -> None:
    """What a clone or an archive of this state holds."""
    target.mkdir(parents=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if name and (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, target / name)
