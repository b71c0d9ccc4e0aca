"""Trust as a function of chain, name, time and roots."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from lab.certificates import Authority
from models.certificates import chain_failure, covers, parse
from models.failures import Failure
from models.roots import default_roots, from_pem

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
AUTHORITY = Authority("An authority")
ROOTS = from_pem(AUTHORITY.pem)


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def leaf(*names: str, **times: datetime) -> bytes:
    return der(AUTHORITY.leaf(*names, **times).certificate)


def odd_leaf(*extensions: x509.ExtensionType, common_name: str = "site.example") -> bytes:
    """A certificate that nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(AT - timedelta(days=1)).not_valid_after(AT + timedelta(days=1))
    for one in extensions:
        builder = builder.add_extension(one, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("names", "wanted", "fits"),
    [
        (["site.example"], "site.example", True),
        (["site.example"], "SITE.example.", True),
        (["site.example"], "www.site.example", False),
        (["*.site.example"], "www.site.example", True),
        (["*.site.example"], "site.example", False),
        (["*.site.example"], "a.b.site.example", False),
        (["*.example"], "site.example", False),
        (["127.0.0.1"], "127.0.0.1", True),
        (["::1"], "::1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["*.0.0.1"], "127.0.0.1", False),
    ],
)
def test_covers_matches_names_as_rfc_9525_has_it(names, wanted, fits):
    assert covers(leaf(*names), wanted) is fits


def test_covers_takes_no_notice_of_the_common_name():
    assert not covers(odd_leaf(common_name="site.example"), "site.example")


def test_chain_failure_is_null_when_name_time_and_authority_fit():
    assert chain_failure([leaf("site.example")], "site.example", AT, ROOTS) is None


@pytest.mark.parametrize(
    ("at", "failure"),
    [
        (datetime(2019, 12, 31, 23, 59, tzinfo=UTC), Failure.SSL_INVALID_CERTIFICATE),
        (datetime(2020, 1, 1, 0, 1, tzinfo=UTC), None),
        (datetime(2020, 12, 31, 23, 59, tzinfo=UTC), None),
        (datetime(2021, 1, 1, 0, 1, tzinfo=UTC), Failure.SSL_INVALID_CERTIFICATE),
    ],
)
def test_chain_failure_goes_by_the_time_that_it_is_given(at, failure):
    chain = [leaf("site.example", since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2021, 1, 1, tzinfo=UTC))]
    assert chain_failure(chain, "site.example", at, ROOTS) == failure


def test_chain_failure_goes_by_the_roots_that_it_is_given():
    other = Authority("Another authority")
    chain = [der(other.leaf("site.example").certificate)]
    assert chain_failure(chain, "site.example", AT, ROOTS) == Failure.SSL_UNKNOWN_AUTHORITY
    assert chain_failure(chain, "site.example", AT, from_pem(AUTHORITY.pem, other.pem)) is None


def test_chain_failure_names_the_gravest_first():
    gone = datetime(2020, 1, 1, tzinfo=UTC)
    foreign = [der(Authority("Nobody's").leaf("other.example", until=gone).certificate)]
    assert chain_failure(foreign, "site.example", AT, ROOTS) == Failure.SSL_UNKNOWN_AUTHORITY
    expired = [leaf("other.example", until=gone)]
    assert chain_failure(expired, "site.example", AT, ROOTS) == Failure.SSL_INVALID_CERTIFICATE
    assert chain_failure([leaf("other.example")], "site.example", AT, ROOTS) == Failure.SSL_INVALID_HOSTNAME


def test_chain_failure_refuses_a_certificate_that_is_not_for_servers():
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    chain = [odd_leaf(usage, x509.SubjectAlternativeName([x509.DNSName("site.example")]))]
    pem = x509.load_der_x509_certificate(chain[0]).public_bytes(serialization.Encoding.PEM)
    assert chain_failure(chain, "site.example", AT, from_pem(pem)) == Failure.SSL_INVALID_CERTIFICATE


@pytest.mark.parametrize("chain", [[], [b""], [b"\x30\x82\xff\xff"], [b"not a certificate"] * 50])
def test_chain_failure_has_a_word_when_a_chain_does_not_parse(chain):
    assert chain_failure(chain, "site.example", AT, ROOTS) == Failure.SSL_INVALID_CERTIFICATE


@given(st.binary(max_size=300), st.integers(0, 600), st.binary(min_size=1, max_size=8))
def test_parse_reads_or_refuses_whatever_comes(noise, at, patch):
    assert parse(noise) is None
    garbled = bytearray(SAMPLE)
    garbled[at : at + len(patch)] = patch
    read = parse(bytes(garbled))
    assert read is None or read.not_before <= read.not_after or read.not_before > read.not_after
    assert chain_failure([bytes(garbled)], "site.example", AT, ROOTS) in (None, *_WORDS)


_WORDS = (Failure.SSL_UNKNOWN_AUTHORITY, Failure.SSL_INVALID_CERTIFICATE, Failure.SSL_INVALID_HOSTNAME)
SAMPLE = leaf("site.example", "*.site.example", "192.0.2.1")


def test_parse_says_what_stands_in_a_certificate():
    read = parse(SAMPLE)
    assert read is not None
    assert read.names == ("site.example", "*.site.example", "192.0.2.1")
    assert (read.subject, read.issuer) == ("CN=site.example", "CN=An authority")
    assert read.for_servers
    assert not read.self_issued


def test_default_roots_adds_the_file_that_ssl_cert_file_names(tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    system = default_roots()
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    added = default_roots()
    assert set(added.certificates) > set(system.certificates)
    assert added.digest != system.digest
    assert chain_failure([leaf("site.example")], "site.example", AT, added) is None
    assert chain_failure([leaf("site.example")], "site.example", AT, system) == Failure.SSL_UNKNOWN_AUTHORITY


@pytest.mark.parametrize("content", [None, b"nothing of the kind"])
def test_default_roots_says_what_is_wrong_with_ssl_cert_file(tmp_path, monkeypatch, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ValueError, match="SSL_CERT_FILE names"):
        default_roots()


def test_roots_travel_to_other_processes():
    again = pickle.loads(pickle.dumps(ROOTS))
    assert again == ROOTS
    assert chain_failure([leaf("site.example")], "site.example", AT, again) is None
