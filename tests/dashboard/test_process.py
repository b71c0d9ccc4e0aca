"""The web process as an operator meets it: no store yet, a broken configuration, a bad address."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.store import open_store


def until(true: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def alone(tmp_path: Path, kit: Any) -> Any:
    """A process whose store does not exist yet."""
    web = kit.start(f"sqlite:///{tmp_path / 'none.sqlite'}", kit.write_config(tmp_path / "targets.yaml"))
    yield web
    kit.stop(web)


def test_the_api_answers_while_there_is_no_store_and_takes_it_up_when_it_comes(alone: Any, kit: Any) -> None:
    assert kit.get(alone, "/healthz") == {"status": "ok", "store": "missing"}
    assert kit.get(alone, "/api/v1/measurements")["measurements"] == []
    assert kit.get(alone, "/api/v1/targets/amnesty-org")["states"] == []
    with open_store(alone.db) as store:
        kit.fill(store, datetime.now(UTC), kit.STORY[:1])
    assert until(lambda: bool(kit.get(alone, "/api/v1/targets/amnesty-org")["states"]))


def test_a_broken_configuration_leaves_the_last_good_one_and_is_told(alone: Any, kit: Any) -> None:
    assert kit.get(alone, "/api/v1/status")["configuration_error"] is None
    alone.config.write_text("version: 1\ntargets: [{id: x, url: nonsense}]\n")
    assert until(lambda: kit.get(alone, "/api/v1/status")["configuration_error"] is not None)
    assert len(kit.get(alone, "/api/v1/targets")["targets"]) == 5
    kit.write_config(alone.config)
    assert until(lambda: kit.get(alone, "/api/v1/status")["configuration_error"] is None)


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1:99999", "127.0.0.1:x"])
def test_a_bad_address_is_refused_with_what_was_expected(listen: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "--listen", listen], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "expected HOST:PORT" in done.stderr


def test_a_taken_address_is_said_to_be_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "dashboard", "--listen", f"127.0.0.1:{taken.getsockname()[1]}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--listen" in done.stderr
