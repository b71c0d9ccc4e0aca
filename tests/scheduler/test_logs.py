"""Logs: JSON where nobody watches, and never a password."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from scheduler import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def logged(out: io.StringIO, **values: object) -> str:
    logs.configure(out)
    structlog.get_logger("test").info("hello", **values)
    return out.getvalue()


def test_a_file_gets_json_and_a_terminal_a_line() -> None:
    assert json.loads(logged(io.StringIO(), target="a"))["target"] == "a"
    line = logged(Terminal(), target="a")
    assert "hello" in line
    assert not line.startswith("{")


@pytest.mark.parametrize("out", [io.StringIO, Terminal])
def test_passwords_never_reach_the_log_wherever_they_stand(out: type[io.StringIO]) -> None:
    text = logged(
        out(),
        via="socks5://user:hunter2@10.0.0.1:1080",
        error=RuntimeError("cannot reach http://user:hunter2@proxy:3128"),
        proxy_password="hunter2",
        listed=["socks5://u:hunter2@h:1"],
    )
    assert "hunter2" not in text
    assert "10.0.0.1:1080" in text


def test_a_traceback_is_scrubbed_as_well() -> None:
    out = io.StringIO()
    logs.configure(out)
    try:
        raise RuntimeError("socks5://user:hunter2@10.0.0.1 is down")
    except RuntimeError:
        structlog.get_logger("test").exception("failed")
    assert "hunter2" not in out.getvalue()
    assert "is down" in out.getvalue()


def test_a_logger_goes_on_when_the_standard_error_that_it_began_with_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logs.configure()
    log = structlog.get_logger("kept")
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    log.warning("one")
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    log.warning("two")
    assert "two" in second.getvalue()
