"""`wallwatch control`, as its operator meets it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

_WALLWATCH = str(Path(sys.executable).with_name("wallwatch"))


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_control_prints_its_address_when_ready_and_ends_well_when_told_to(stop: signal.Signals) -> None:
    arguments = [_WALLWATCH, "control", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as control:
        assert control.stdout is not None
        address = control.stdout.readline().removeprefix("control listens on http://").strip().rstrip("/")
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), 5) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 OK")
        control.send_signal(stop)
        _, complaints = control.communicate(timeout=15)
    assert (control.returncode, complaints) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--listen", "here"), "write HOST:PORT"),
        (("--listen", "127.0.0.1:70000"), "write HOST:PORT"),
        (("--listen", "192.0.2.1:8500"), "cannot listen on 192.0.2.1:8500"),
        (("--listen", "127.0.0.1:0", "--resolver", "dot://9.9.9.9"), "is no resolver: write"),
    ],
)
def test_control_says_what_to_write_when_it_cannot_start(arguments: tuple[str, ...], complaint: str) -> None:
    done = subprocess.run([_WALLWATCH, "control", *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
