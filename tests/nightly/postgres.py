"""A PostgreSQL server of the tests' own: Debian's package, started as another user where we are root, on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECRET = "rahasia-9001"


@dataclass(frozen=True)
class Server:
    """A server that runs. user: whom it runs as, None for ourselves."""

    programs: Path
    data: Path
    port: int
    user: str | None

    def address(self, database: str, *, password: bool = False) -> str:
        secret = f":{SECRET}" if password else ""
        return f"postgresql+psycopg://petugas{secret}@127.0.0.1:{self.port}/{database}"

    def make(self, database: str) -> str:
        """Make a database and return its address without the password."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "petugas", database)
        return self.address(database)

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.data / "log"), "-o", options, "start")

    def _run(self, program: str, *arguments: str) -> None:
        as_user = [_runuser() or "runuser", "-u", self.user, "--"] if self.user else []
        subprocess.run(
            [*as_user, str(self.programs / program), *arguments],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            env={**os.environ, "PGPASSWORD": SECRET}, cwd="/", timeout=60,
        )  # fmt: skip


def missing() -> str | None:
    """Say why no server can be had; None where one can."""
    if _programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "PostgreSQL refuses to run as root, and there is no user postgres"
        if _runuser() is None:
            return "PostgreSQL refuses to run as root, and there is no runuser"
    return None


def _runuser() -> str | None:
    """Return where `runuser` is, also where programs of the system are not on the path."""
    return shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running() -> Iterator[Server]:
    """Start a server on a free port, and stop it and take it away at the end."""
    programs = _programs()
    assert programs is not None
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="nikdedup-pg-", ignore_cleanup_errors=True) as folder:
        data, secret = Path(folder) / "data", Path(folder) / "secret"
        data.mkdir(mode=0o700)
        secret.write_text(SECRET)
        if user is not None:
            Path(folder).chmod(0o755)
            for path in (data, secret):
                shutil.chown(path, user, user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = Server(programs, data, port, user)
        server._run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "petugas",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-N",
            "-E",
            "UTF8",
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
