"""The command line's frame: fast, helpful, and strict about its exit codes."""

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from scheduler.cli import COMMANDS, main

ROOT = Path(__file__).parents[2]
HEAVY = ("pandas", "sqlmodel", "sqlalchemy", "streamlit", "fastapi", "httpx", "apscheduler", "cryptography", "pydantic")


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from scheduler.cli import main; main()", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom scheduler.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_answers_at_once(tmp_path: Path) -> None:
    def once() -> float:
        begun = time.perf_counter()
        run("--help", folder=tmp_path)
        return time.perf_counter() - begun

    def bare() -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import asyncio"], check=True)
        return time.perf_counter() - begun

    # A ratio, because machines differ: Python with asyncio alone is about half of it.
    assert min(once() for _ in range(3)) < max(0.3, 5 * min(bare() for _ in range(3)))


def test_help_lists_every_command_with_its_sentence(tmp_path: Path) -> None:
    text = " ".join(run("--help", folder=tmp_path).stdout.split())
    for name, (_, sentence) in COMMANDS.items():
        assert name in text
        assert sentence[:30] in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert find_spec(COMMANDS[name][0]) is not None
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert not end.value.code
    assert f"Usage: wallwatch {name}" in capsys.readouterr().out


def test_a_misspelt_command_is_bad_input_and_names_the_nearest(tmp_path: Path) -> None:
    done = run("chek", folder=tmp_path)
    assert done.returncode == 2
    assert "Did you mean 'check'?" in done.stderr


def test_an_unknown_option_is_bad_input(tmp_path: Path) -> None:
    assert run("check", "--nonsense", folder=tmp_path).returncode == 2


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert run("--version", folder=tmp_path).stdout.startswith("wallwatch ")


def test_check_of_a_good_file_ends_well_and_sums_it_up(tmp_path: Path) -> None:
    done = run("check", "--config", str(ROOT / "targets.yaml"), folder=tmp_path)
    assert done.returncode == 0
    assert "11 targets (11 enabled), 1 vantage point (1 usable)" in done.stdout


def test_check_of_a_bad_file_is_bad_input_and_prints_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("target: []\n")
    done = run("check", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "wallwatch: targets.yaml cannot be used: one error",
        "targets.yaml:1:1: target: unknown key; did you mean targets?",
    ]


def test_check_as_json_prints_lines_of_json_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("target: []\ndefaults: {every: 5}\n")
    done = run("check", "--json", folder=tmp_path)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [(record["level"], record["line"], record["key"]) for record in records] == [
        ("error", 1, "target"),
        ("error", 2, "defaults.every"),
    ]
    (tmp_path / "targets.yaml").write_text("targets: [https://a.example/]\n")
    *warnings, summary = (json.loads(line) for line in run("check", "--json", folder=tmp_path).stdout.splitlines())
    assert {warning["level"] for warning in warnings} == {"warning"}
    assert (summary["level"], summary["targets"]) == ("summary", 1)


def test_in_an_empty_folder_check_says_what_to_do_and_init_does_it(tmp_path: Path) -> None:
    assert "wallwatch init" in run("check", folder=tmp_path).stderr
    assert run("init", folder=tmp_path).returncode == 0
    assert run("check", folder=tmp_path).returncode == 0


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text("mine")
    assert run("init", folder=tmp_path).returncode == 2
    assert (tmp_path / "targets.yaml").read_text() == "mine"
