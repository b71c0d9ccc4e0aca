"""The docs tell the truth: every word, command and key is in them, and what they tell people to type exists."""

import re
import subprocess
from pathlib import Path

import pytest

from docs_reference import made
from models.targets import Configuration
from models.words import Mechanism, Outcome
from scheduler.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", made(), ids=lambda file: file.name)
def test_what_is_made_from_the_models_is_current(file: Path) -> None:
    assert file.read_text(encoding="utf-8") == made()[file], "run `make reference`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_paragraph(name: str) -> None:
    assert f"\n## wallwatch {name}\n" in text("docs/commands.md")


def test_no_paragraph_is_about_a_command_that_is_not_there() -> None:
    assert set(re.findall(r"^## wallwatch (\S+)$", text("docs/commands.md"), re.MULTILINE)) == set(COMMANDS)


def test_every_word_has_its_sentence() -> None:
    page = text("docs/words.md")
    assert all(f"| `{word.value}` | {word.sentence} |" in page for word in (*Outcome, *Mechanism))


def test_every_key_of_the_top_is_explained() -> None:
    assert all(f"| `{key}` |" in text("docs/targets.md") for key in Configuration.model_fields)


def test_the_readme_shows_all_outcomes() -> None:
    assert all(f"| `{outcome.value}` |" in text("README.md") for outcome in Outcome)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_that_a_page_names_are_in_the_makefile(page: Path) -> None:
    there = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_tells_to_type_are_there(page: Path) -> None:
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
    assert set(re.findall(r"(?:^|/)wallwatch ([a-z]+)", blocks, re.MULTILINE)) <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_decisions_are_numbered_without_gaps_and_short() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files:
        words = file.read_text(encoding="utf-8")
        assert re.match(rf"# {int(file.name[:4])}\. .+\n\nStatus: \w+ · \d{{4}}-\d\d-\d\d", words), file
        assert len(words.splitlines()) <= 60, f"{file} is longer than a page"


def test_the_changelog_has_its_meaning() -> None:
    latest = text("CHANGELOG.md").split("\n## ")[1]
    assert "\n### Meaning\n" in latest


def test_nothing_in_the_tree_speaks_of_one_machine() -> None:
    """Paths of a workplace and addresses of package indexes mean nothing to whoever clones the project."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    # Written in parts, so that this file does not find itself.
    strange = re.compile(
        "|".join(["/" + "work/", "/" + "opt/pypi", "/" + "farm/", "pypi" + r"\.org", "files\\.python" + "hosted"])
    )
    found = []
    for name in filter(None, tracked.stdout.decode().split("\0")):
        file = ROOT / name
        if (
            file.is_file()
            and file.suffix not in {".png", ".zdict"}
            and strange.search(file.read_text("utf-8", "replace"))
        ):
            found.append(name)
    assert found == []


def test_locks_have_hashes_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lock = text(name)
        pinned = re.findall(r"^[a-z0-9][a-z0-9._-]*==\S+.*$", lock, re.MULTILINE)
        assert len(pinned) > 50
        assert all(line.endswith("\\") for line in pinned), f"{name}: a pin without a hash"
        assert not re.search(r"index-url|find-links|://", lock)
