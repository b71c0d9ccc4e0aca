"""Network namespaces, made for a test and torn down behind it, with whatever ran in them."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

_NETNS_ETC = Path("/etc/netns")


class Namespace:
    """One network namespace, with processes in it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        _run(["ip", "netns", "add", name])
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command: str, env: Mapping[str, str] | None = None, check: bool = True, timeout: float = 60) -> str:
        """Runs a command to its end and returns what it printed."""
        return _run(["ip", "netns", "exec", self.name, *command], env=env, check=check, timeout=timeout)

    def feed(self, text: str, *command: str) -> None:
        """Runs a command with a text on its standard input."""
        subprocess.run(["ip", "netns", "exec", self.name, *command], input=text, text=True, check=True, timeout=30)

    def resolve_by(self, address: str) -> None:
        """Names the namespace's own name server, for whatever is started in it from now on (ip-netns(8))."""
        etc = _NETNS_ETC / self.name
        etc.mkdir(parents=True, exist_ok=True)
        (etc / "resolv.conf").write_text(f"nameserver {address}\n")
        (etc / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")

    def start(self, label: str, *command: str, env: Mapping[str, str] | None = None) -> None:
        """Starts a server, in place of the one that ran under this label."""
        self.stop(label)
        with (self._folder / f"{self.name}-{label}.log").open("ab") as log:
            self._running[label] = subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | (env or {}),
            )

    def stop(self, label: str) -> None:
        """Ends a server that was started here."""
        process = self._running.pop(label, None)
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)

    def wait_for(self, port: int, address: str) -> None:
        """Waits until something in here accepts TCP connections at an address and port."""
        deadline = time.monotonic() + 15
        probe = f"import socket; socket.create_connection(({address!r}, {port}), 1).close()"
        while not self._succeeds("python3", "-c", probe):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing listens at {address}:{port} in {self.name}; see {self._folder}")
            time.sleep(0.1)

    def _succeeds(self, *command: str) -> bool:
        done = subprocess.run(["ip", "netns", "exec", self.name, *command], capture_output=True, check=False)
        return done.returncode == 0

    def delete(self) -> None:
        """Ends what runs in here and removes the namespace."""
        for label in list(self._running):
            self.stop(label)
        _run(["ip", "netns", "del", self.name], check=False)
        shutil.rmtree(_NETNS_ETC / self.name, ignore_errors=True)


class Namespaces:
    """All namespaces of one test, named after this process so that two runs do not meet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Namespace] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for namespace in self._made.values():
            namespace.delete()

    def make(self, label: str) -> Namespace:
        """Makes an empty namespace."""
        self._made[label] = Namespace(f"ww{os.getpid()}-{label}", self._folder)
        return self._made[label]

    def join(self, router: Namespace, end: Namespace, network: str, *, hosts: Sequence[str]) -> None:
        """Lays a cable between a router (host .1 of the /24) and a namespace, which gets these addresses."""
        near, far = f"to-{hosts[0].split('.')[1]}", "eth0"
        _run(["ip", "link", "add", near, "netns", router.name, "type", "veth", "peer", "name", far, "netns", end.name])
        router.run("ip", "addr", "add", f"{network}.1/24", "dev", near)
        router.run("ip", "link", "set", near, "up")
        for host in hosts:
            end.run("ip", "addr", "add", f"{host}/24", "dev", far)
        end.run("ip", "link", "set", far, "up")
        end.run("ip", "route", "add", "default", "via", f"{network}.1")


def _run(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, check: bool = True, timeout: float = 60
) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, env=os.environ | (env or {}), check=False
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout
