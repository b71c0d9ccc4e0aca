"""`wallwatch verify`: says which file, whatever was done to a bundle."""

import hashlib
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.bundle_bag import MANIFEST, TAG_FILES, TAG_MANIFEST
from evidence.bundle_check import Verifier, check
from evidence.bundle_form import form_problems
from evidence.bundle_open import open_folder, open_zip
from evidence.bundle_zip import BundleError, DamagedError, entries
from evidence.judge import Judge
from evidence.signing import Signer, signer_at
from tests.bundle.stores import bundled, filled, from_network, looks, run, with_answer

HEADERS = (("Server", "nginx"),)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, a bundle of its episode, and the same unpacked."""
    folder = tmp_path_factory.mktemp("bundle")

    def change(one):
        return with_answer(headers=HEADERS)(from_network(one))

    [episode] = filled(folder, looks("ooooxxxxxxxxooooooooooo"), change)
    path = bundled(folder, episode.id)
    with zipfile.ZipFile(path) as file:
        file.extractall(folder)
        (folder / file.namelist()[0].partition("/")[0]).rename(folder / "bag")
    return folder


@pytest.fixture
def bag(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "bag", tmp_path / "bag"))


def verify(path: Path, *arguments: str) -> tuple[int, list[str]]:
    done = run(path.parent, "verify", str(path), "--json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["holds"] is (done.returncode == 0)
    return done.returncode, report["problems"]


def sealed(bag: Path, signer: Signer | None = None) -> None:
    """Writes the manifests of a changed bag anew, as a forger would; with a key, signs them too."""
    files = sorted(file for file in (bag / "data").rglob("*") if file.is_file())
    (bag / MANIFEST).write_text("".join(_line(bag, file) for file in files))
    if signer:
        (bag / "signing-key.pem").write_bytes(signer.public_pem)
    (bag / TAG_MANIFEST).write_text("".join(_line(bag, bag / name) for name in sorted(TAG_FILES)))
    if signer:
        (bag / "signature.ed25519").write_bytes(signer.sign((bag / TAG_MANIFEST).read_bytes()))


def _line(bag: Path, file: Path) -> str:
    return f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(bag).as_posix()}\n"


def test_a_bundle_and_the_folder_that_it_was_unpacked_into_both_hold(made: Path) -> None:
    assert verify(made / "bundle.zip") == (0, [])
    assert verify(made / "bag") == (0, [])


def test_verify_tells_people_what_was_checked_and_by_whom_it_is_signed(made: Path) -> None:
    said = run(made, "verify", "bundle.zip").stdout
    assert "10 records: 10 hash to their ids" in said
    assert "10 verdicts judged again with the same result" in said
    assert signer_at(made / "signing-key.pem").id in said


def test_verify_takes_the_key_that_is_asked_for_and_no_other(made: Path) -> None:
    right = signer_at(made / "signing-key.pem").id
    assert verify(made / "bundle.zip", "--key", right)[0] == 0
    code, [problem] = verify(made / "bundle.zip", "--key", "0" * 64)
    assert (code, "not by the key asked for" in problem) == (1, True)
    assert run(made, "verify", "bundle.zip", "--key", "abc").returncode == 2


def problems_of(content: bytes) -> list[str]:
    try:
        return form_problems(open_zip(Path("bundle.zip"), BytesIO(content)), None)
    except BundleError as error:
        return [str(error)]


def spans(content: bytes) -> list[tuple[int, int, str]]:
    return [(found.start, found.start + found.size, name) for name, found in entries(BytesIO(content)).items()]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit_anywhere_in_the_zip_is_found_and_the_file_is_named(made: Path, data: st.DataObject) -> None:
    content = bytearray((made / "bundle.zip").read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    name = next((name for start, end, name in spans(bytes(content)) if start <= at < end), None)
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    problems = problems_of(bytes(content))
    assert problems
    assert name is None or any(name in problem for problem in problems)


def test_every_byte_of_the_zip_is_checked(made: Path) -> None:
    """Each byte of what is around the files, and every 97th of all."""
    content = (made / "bundle.zip").read_bytes()
    inside = {at for start, end, _ in spans(content) for at in range(start, end)}
    around = [at for at in range(len(content)) if at not in inside]
    rng = random.Random(1)
    for at in [*rng.sample(around, 300), *around[-22:], *range(0, len(content), 997)]:
        changed = bytearray(content)
        changed[at] ^= 0xFF
        assert problems_of(bytes(changed)), f"byte {at}"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_in_an_unpacked_file_is_found_and_named(made: Path, data: st.DataObject) -> None:
    content = (made / "bundle.zip").read_bytes()
    file = BytesIO(content)
    opened = open_zip(Path("bundle.zip"), file)
    path = data.draw(st.sampled_from(sorted(path for path, found in opened.files.items() if found.size)))
    found = opened.files[path]
    changed = bytearray(content)
    changed[found.start + data.draw(st.integers(0, found.size - 1))] ^= 1 << data.draw(st.integers(0, 7))
    digest = hashlib.sha256(changed[found.start : found.start + found.size]).hexdigest()
    opened.zip = BytesIO(bytes(changed))
    opened.files[path] = found.__class__(found.start, found.size, digest)
    named = {"signing-key.pem": "signature", TAG_MANIFEST: "", "signature.ed25519": "signature"}.get(path, path)
    assert any(named in problem for problem in form_problems(opened, None))


@pytest.mark.parametrize("cut", [0, 1, 100, 5000, 30_000])
def test_a_zip_that_was_cut_or_lengthened_is_found(made: Path, cut: int) -> None:
    content = (made / "bundle.zip").read_bytes()
    assert problems_of(content[: -cut or None]) == ([] if cut == 0 else problems_of(content[:-cut]))
    assert cut == 0 or problems_of(content[:-cut])
    assert problems_of(content + b"\0" * (cut + 1))


def test_a_missing_file_is_named(bag: Path) -> None:
    [record, *_] = sorted((bag / "data/records").iterdir())
    record.unlink()
    code, problems = verify(bag)
    assert (code, any(f"data/records/{record.name} is missing" in each for each in problems)) == (1, True)


@pytest.mark.parametrize("path", ["data/records/extra.json", "data/note.txt", "note.txt"])
def test_an_added_file_is_named(bag: Path, path: str) -> None:
    (bag / path).write_text("{}")
    code, problems = verify(bag)
    assert (code, any(f"{path} was added" in each for each in problems)) == (1, True)


def test_two_swapped_records_are_named_even_where_the_manifests_were_written_anew_and_signed(bag: Path) -> None:
    one, two, *_ = sorted((bag / "data/records").iterdir())
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    sealed(bag, signer_at(bag.parent / "forger.pem"))
    code, problems = verify(bag)
    assert code == 1
    assert any(one.name in each and "is not the record that its name says" in each for each in problems)


def test_manifests_written_anew_without_the_key_do_not_pass(bag: Path) -> None:
    (bag / "data/citation.txt").write_text("Blocked by somebody.\n")
    sealed(bag)
    code, problems = verify(bag)
    assert (code, any("does not sign" in each for each in problems)) == (1, True)


def _series(bag: Path) -> None:
    path = bag / "data/series.csv"
    path.write_text(path.read_text().replace(",anomaly,http_reset,", ",ok,,", 1))


def _episode(bag: Path) -> None:
    path = bag / "data/episode.json"
    path.write_text(path.read_text().replace('"blocked_checks": 8', '"blocked_checks": 9'))


def _verdict(bag: Path) -> None:
    path = bag / "data/verdicts.jsonl"
    path.write_text(path.read_text().replace('"outcome":"anomaly"', '"outcome":"confirmed"', 1))


def _rules(bag: Path) -> None:
    path = bag / "data/rules.json"
    path.write_text(path.read_text().replace("http.as_control", "http.as_somebody_says"))


def _exchange(bag: Path) -> None:
    path = bag / "data/exchanges.warc"
    path.write_bytes(path.read_bytes().replace(b"a.test", b"b.test", 1))


def _body(bag: Path) -> None:
    [path] = (bag / "data/bodies").iterdir()
    path.write_bytes(b"<title>B</title>")


def _left_out(bag: Path) -> None:
    for name in ("contents.jsonl", "verdicts.jsonl"):
        path = bag / "data" / name
        path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def _stray(bag: Path) -> None:
    (bag / "data/records" / f"{'0' * 64}.json").write_text("{}")


def _citation(bag: Path) -> None:
    (bag / "data/citation.txt").write_text("Blocked by somebody.\n")


@pytest.mark.parametrize(
    ("forge", "named"),
    [
        (_series, "data/series.csv"),
        (_episode, "data/episode.json does not follow"),
        (_verdict, "does not follow from its record"),
        (_rules, "data/rules.json"),
        (_exchange, "data/exchanges.warc does not follow"),
        (_body, "data/bodies/"),
        (_left_out, "data/"),
        (_stray, f"{'0' * 64}.json belongs to no measurement"),
        (_citation, "data/citation.txt"),
    ],
)
def test_a_lie_that_its_author_signed_is_found_where_it_does_not_follow(
    bag: Path, forge: Callable[[Path], None], named: str
) -> None:
    forge(bag)
    sealed(bag, signer_at(bag.parent / "forger.pem"))
    code, problems = verify(bag)
    assert code == 1
    assert any(named in each for each in problems), problems


def test_a_verdict_that_comes_out_otherwise_is_no_reason_where_other_roots_are_trusted(bag: Path) -> None:
    _verdict(bag)
    report = check(open_folder(bag), Verifier(Judge(), "other roots", None))
    assert not any("does not follow from its record" in each for each in report.problems)
    assert any("where other roots are trusted" in each for each in report.notes)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b'{"format": 2}', b"\xff\xfe", b"[" * 100_000, b'{"format": 1}'],
    ids=["empty", "object", "list", "null", "later", "bytes", "deep", "bare"],
)
@pytest.mark.parametrize(
    "path", ["bundle.json", "contents.jsonl", "verdicts.jsonl", "series.csv", "episode.json", "rules.json"]
)
def test_a_hostile_file_is_a_reason_and_never_a_crash(made: Path, tmp_path: Path, path: str, content: bytes) -> None:
    bag = Path(shutil.copytree(made / "bag", tmp_path / "bag"))
    (bag / "data" / path).write_bytes(content)
    assert check(open_folder(bag), Verifier(Judge(), "", None)).problems


def test_a_link_in_a_folder_is_refused(bag: Path) -> None:
    (bag / "data/secret").symlink_to("/etc/passwd")
    code, problems = verify(bag)
    assert (code, any("data/secret is no plain file" in each for each in problems)) == (1, True)


def _packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("name", ["wallwatch-x/../../etc/passwd", "/wallwatch-x/bagit.txt", "wallwatch-x/a\\..\\b"])
def test_a_zip_whose_paths_lead_out_of_it_is_refused(name: str) -> None:
    with pytest.raises(DamagedError):
        entries(BytesIO(_packed([(name, b"x")])))


def test_a_zip_bomb_is_refused_before_anything_is_unpacked() -> None:
    bomb = _packed([("wallwatch-x/bagit.txt", bytes(50 << 20))], zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    assert "is not as it was written" in problems_of(bomb)[0]


def test_a_bundle_that_another_program_packed_again_says_what_to_do(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made / "bundle.zip") as file:
        members = [(name, file.read(name)) for name in file.namelist()]
    path = tmp_path / "again.zip"
    path.write_bytes(_packed(members, zipfile.ZIP_DEFLATED))
    code, [problem] = verify(path)
    assert (code, "unpack it and verify the folder" in problem) == (1, True)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"a letter", _packed([("letter.txt", b"x")])])
def test_what_is_no_bundle_ends_with_2(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.zip"
    path.write_bytes(content)
    done = run(tmp_path, "verify", str(path))
    assert (done.returncode, "is no evidence bundle" in done.stderr) == (2, True)
    assert run(tmp_path, "verify", "nothing.zip").returncode == 2
    assert run(tmp_path, "verify", ".").returncode == 2
