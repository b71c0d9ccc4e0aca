"""A place to race in: a network namespace of its own with nginx, unbound and blackbox_exporter, all Debian's. Needs root."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.certificates import Authority

NAMESPACE = "wallwatch-bench"
NAME = "www.site.example"
BODY_OCTETS = 12_000
BLACKBOX_PORT = 9115
PROGRAMS = ("ip", "nginx", "unbound", "prometheus-blackbox-exporter", "curl")


@dataclass(frozen=True, slots=True)
class Ground:
    """The namespace's files, and the process id of the peer."""

    folder: Path
    authority: Path
    peer: int

    def inside(self, *command: str) -> list[str]:
        """Returns a command that runs inside the namespace."""
        return ["ip", "netns", "exec", NAMESPACE, *command]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SSL_CERT_FILE": str(self.authority), "SSL_CERT_DIR": str(self.folder / "none")}


def lacking() -> str | None:
    """Returns why the race cannot be run here, or null."""
    if os.geteuid() != 0:
        return "needs root, for a network namespace"
    absent = [name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")]
    return f"needs {', '.join(absent)}" if absent else None


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Makes the namespace, starts the servers in it, and ends all of it."""
    with ExitStack() as stack:
        _namespace(stack)
        authority = _certificates(folder)
        _write(folder)
        at = Ground(folder, authority, 0)
        _start(stack, at, "unbound", "-d", "-c", str(folder / "unbound.conf"))
        _start(stack, at, "nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;")
        peer = _start(
            stack,
            at,
            "prometheus-blackbox-exporter",
            f"--config.file={folder / 'blackbox.yml'}",
            f"--web.listen-address=127.0.0.1:{BLACKBOX_PORT}",
            "--log.level=error",
        )
        time.sleep(1.5)
        yield Ground(folder, authority, peer.pid)


def _namespace(stack: ExitStack) -> None:
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    stack.callback(subprocess.run, ["ip", "netns", "del", NAMESPACE], check=False)
    subprocess.run(["ip", "-n", NAMESPACE, "link", "set", "lo", "up"], check=True)
    resolver = Path("/etc/netns") / NAMESPACE
    resolver.mkdir(parents=True, exist_ok=True)
    stack.callback(shutil.rmtree, resolver, ignore_errors=True)
    (resolver / "resolv.conf").write_text("nameserver 127.0.0.1\n")


def _certificates(folder: Path) -> Path:
    authority = Authority("Benchmark authority")
    leaf = authority.leaf(NAME)
    (folder / "authority.pem").write_bytes(authority.pem)
    (folder / "leaf.pem").write_bytes(leaf.certificate)
    (folder / "leaf.key").write_bytes(leaf.key)
    return folder / "authority.pem"


def _write(folder: Path) -> None:
    www = folder / "www"
    www.mkdir()
    (www / "index.html").write_text("<!doctype html><title>A page</title>" + "x" * BODY_OCTETS)
    (folder / "nginx.conf").write_text(
        f"user root; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        "events { worker_connections 4096; }\n"
        "http { access_log off; server {\n"
        f"  listen 127.0.0.1:443 ssl backlog=4096; server_name {NAME}; root {www};\n"
        f"  ssl_certificate {folder}/leaf.pem; ssl_certificate_key {folder}/leaf.key; ssl_session_tickets off;\n"
        "} }\n"
    )
    (folder / "unbound.conf").write_text(
        'server:\n  interface: 127.0.0.1\n  access-control: 127.0.0.0/8 allow\n  do-daemonize: no\n  username: ""\n'
        f'  chroot: ""\n  directory: "{folder}"\n  pidfile: "{folder}/unbound.pid"\n  use-syslog: no\n'
        f'  local-zone: "{NAME}." static\n  local-data: "{NAME}. 60 IN A 127.0.0.1"\n'
        "remote-control:\n  control-enable: no\n"
    )
    (folder / "blackbox.yml").write_text(
        "modules:\n  page:\n    prober: http\n    timeout: 10s\n    http:\n"
        "      preferred_ip_protocol: ip4\n      ip_protocol_fallback: false\n      follow_redirects: false\n"
    )


def _start(stack: ExitStack, at: Ground, *command: str) -> subprocess.Popen[bytes]:
    environment = {**at.environment, "GOMAXPROCS": "1", "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    process = subprocess.Popen(at.inside(*command), env=environment)
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(10)
