"""What must not leave the house does not, and what cannot be looked through stays inside."""

import base64
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.bundle_private import Address, Private
from evidence.bundle_redaction import redacted
from evidence.bundle_zip import BundleError
from models.measurement import Finished, digest
from models.observations import DnsReply
from models.store import open_store
from tests.bundle.stores import bundled, filled, looks, run, url, with_answer
from tests.scheduler.made import finished

OWN = Address("198.51.100.77")
DENY = "http://deny.test/webadmin/deny/index.php?dpid=1&userip=10.1.2.3&connectionip=198.51.100.77&cat=105"


def shown(one: Finished, own: tuple[Address, ...] = (OWN,)):
    record = one.measurement.to_canonical()
    return redacted(digest(record), record, one.blobs, own)


def answered(body: bytes = b"<title>A</title>", headers=(), **changes) -> Finished:
    return with_answer(body=body, headers=headers, **changes)(finished())


def body_of(copy) -> bytes | None:
    [blob] = [each for each in copy.blobs if each.kind == "bodies"]
    return blob.content


def test_a_look_without_anything_private_stays_what_it_is() -> None:
    copy = shown(answered(b"<p>nothing of anybody</p>", (("Server", "nginx"), ("Content-Type", "text/html"))))
    assert copy.whole
    assert digest(copy.record) == copy.id


def test_cookies_are_taken_out_wherever_they_are_repeated() -> None:
    headers = (("Set-Cookie", "sid=s3cr3tvalue; Path=/; HttpOnly"), ("X-Echo", "you are s3cr3tvalue"))
    copy = shown(answered(b"<p>welcome, s3cr3tvalue</p>", headers))
    assert b"s3cr3tvalue" not in copy.record + (body_of(copy) or b"")
    assert copy.redacted == ("http[0].headers.Set-Cookie: REDACTED-COOKIE", "http[0].headers.X-Echo: REDACTED-TOKEN")
    assert digest(copy.record) != copy.id


@pytest.mark.parametrize(
    "page",
    [
        b"Your IP is 198.51.100.77.",
        b"Your IP is 198%2e51%2E100%2e77",
        b"host 198-51-100-77.dsl.isp.test",
        b"77.100.51.198.in-addr.arpa",
        b"Client IP address: <b>10.10.150.134</b>",
        b"<iframe src='" + DENY.encode() + b"'>",
        b"seen from 2001:db8:aaaa::9",
        b"mac 00:1b:44:11:3a:b7",
        b"Username: <b>alice.example</b>",
        b'<input type="hidden" name="csrf_token" value="9f8e7d6c5b">',
        b'{"accessToken": "abcdefgh1234"}',
        b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
    ],
)
def test_what_a_page_tells_of_its_reader_is_taken_out_of_it(page: bytes) -> None:
    one = answered(page)
    copy = shown(one)
    told = body_of(copy)
    assert told is not None and b"REDACTED-" in told
    for private in (
        b"198.51.100.77",
        b"10.10.150.134",
        b"10.1.2.3",
        b"2001:db8:aaaa",
        b"3a:b7",
        b"alice",
        b"9f8e7d",
        b"abcdefgh1234",
        b"eyJ",
        b"51-100",
        b"100.51",
    ):
        assert private not in told
    assert digest(copy.record) == copy.id, "the record names the original body, and needs no redaction itself"


def test_addresses_of_servers_stay_for_they_are_the_evidence() -> None:
    page = b"<iframe src='http://10.10.34.34?type=Invalid'></iframe> served by 192.0.2.1"
    assert body_of(shown(answered(page))) == page


@pytest.mark.parametrize(
    "page",
    [
        b"x " + base64.b64encode(b"ip=198.51.100.77;"),
        b"c633644d",
        b"n=3325256781",
        "Your IP is 198.51.100.77".encode("utf-16"),
        b"\x89PNG\0\0",
    ],
    ids=["base64", "hexadecimal", "decimal", "utf-16", "binary"],
)
def test_a_page_that_cannot_be_looked_through_is_withheld(page: bytes) -> None:
    copy = shown(answered(page))
    assert body_of(copy) is None
    assert not copy.whole


def test_a_dns_message_with_our_address_or_network_is_withheld() -> None:
    plain = bytes(12) + b"\1a\0\0\1\0\1"
    subnet = bytes(12) + b"\0\0\x29\x10\0\0\0\0\0\0\x0b\0\x08\0\x07\0\1\x18\0\xc6\x33\x64"
    ours = plain + b"\xc6\x33\x64\x4d"
    for message, kept in ((plain, True), (subnet, False), (ours, False)):
        one = finished()
        reply = DnsReply(at_us=1, sender="192.0.2.53:53", rcode="NOERROR", raw=digest(message))
        made = replace(one.measurement, dns=(replace(one.measurement.dns[0], replies=(reply,)),))
        copy = shown(Finished(measurement=made, blobs={**one.blobs, digest(message): message}))
        [blob] = [each for each in copy.blobs if each.kind == "dns"]
        assert (blob.content is not None) is kept


def test_a_record_that_would_still_hold_our_address_is_refused() -> None:
    hidden = base64.b64encode(b"ip=198.51.100.77;").decode()
    with pytest.raises(BundleError, match="an address of the vantage point"):
        shown(answered(headers=(("X-Debug", hidden),)))


def test_nothing_private_is_in_any_byte_of_a_bundle_and_it_still_verifies(tmp_path: Path) -> None:
    headers = (
        ("Set-Cookie", "sid=s3cr3tvalue; Path=/"),
        ("X-Client-IP", "198.51.100.77"),
        ("Location", DENY),
        ("Authorization", "Bearer abcdefghijklmnop"),
    )
    body = b"<title>A</title><p>s3cr3tvalue 198.51.100.77 Username: bob.example</p>"
    [episode] = filled(tmp_path, looks("ooooxxxxxxxxooooooooooo"), with_answer(headers=headers, body=body))
    path = bundled(tmp_path, episode.id, "--own-address", "198.51.100.77")
    content = path.read_bytes()
    for private in (b"s3cr3tvalue", b"198.51.100.77", b"10.1.2.3", b"abcdefghijklmnop", b"bob.example"):
        assert private not in content
    done = run(tmp_path, "verify", str(path), "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert (report["records"], report["records_not_redacted"]) == (10, 8)


def test_a_redacted_record_keeps_its_id_its_copys_hash_and_an_account_of_what_was_changed(tmp_path: Path) -> None:
    filled(tmp_path, looks("o"), with_answer(headers=(("Set-Cookie", "sid=s3cr3tvalue"),)))
    with open_store(url(tmp_path), read_only=True) as kept:
        [row] = kept.recent("a", "here", 1)
    path = bundled(tmp_path, row.measurement)
    with zipfile.ZipFile(path) as file:
        [folder] = {name.partition("/")[0] for name in file.namelist()}
        line = json.loads(file.read(f"{folder}/data/contents.jsonl"))
        how = file.read(f"{folder}/data/HOW-TO-VERIFY.md").decode()
        copy = file.read(f"{folder}/{line['record']}")
    assert line["measurement"] == row.measurement
    assert line["record"] == f"data/records-redacted/{row.measurement.removeprefix('sha256:')}.json"
    assert line["record_sha256"] == digest(copy) != row.measurement
    assert line["redacted"] == ["http[0].headers.Set-Cookie: REDACTED-COOKIE"]
    assert "cannot hash to its id" in how
    assert "1 were redacted and cannot" in run(tmp_path, "verify", str(path)).stdout


def test_a_token_in_the_targets_own_address_stays_inside(tmp_path: Path) -> None:
    def change(one: Finished) -> Finished:
        target = replace(one.measurement.target, url="http://a.test/page?token=s3cr3tvalue")
        return Finished(measurement=replace(one.measurement, target=target), blobs=one.blobs)

    [episode] = filled(tmp_path, looks("ooooxxxxxx"), change)
    path = bundled(tmp_path, episode.id)
    assert b"s3cr3tvalue" not in path.read_bytes()
    assert b"http://a.test/page?token=REDACTED-TOKEN: First observed" in path.read_bytes()
    assert run(tmp_path, "verify", str(path)).returncode == 0


def test_an_address_option_that_is_none_is_refused(tmp_path: Path) -> None:
    [episode] = filled(tmp_path, looks("ooooxxxxxx"))
    done = run(tmp_path, "bundle", episode.id, "-o", "x.zip", "--own-address", "home")
    assert (done.returncode, "is no IP address" in done.stderr) == (2, True)


@pytest.mark.parametrize("unit", ["token ", "<input name=csrf ", "1.2.3.4.", "a:b:c:", "user name: ", "//", "Cookie: "])
def test_a_page_made_to_be_slow_takes_seconds_at_most(unit: str) -> None:
    Private(own=(OWN,)).text(unit * (300_000 // len(unit)))  # the suite's time limit is the assertion
