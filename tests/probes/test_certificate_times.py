"""A chain is judged at the time asked about, whatever was asked before."""

import ssl
from datetime import UTC, datetime

from lab.certificates import Authority
from models.certificates import chain_failure
from models.roots import from_pem


def test_chain_is_judged_at_each_time_anew_when_one_process_asks_about_several() -> None:
    authority = Authority("lab")
    roots = from_pem(authority.pem)
    leaf = authority.leaf(
        "site.example", since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC)
    )
    chain = [ssl.PEM_cert_to_DER_cert(leaf.certificate.decode())]
    found = {
        year: chain_failure(chain, "site.example", datetime(year, 6, 1, tzinfo=UTC), roots)
        for year in (2026, 2040, 2020)
    }
    assert found == {2026: None, 2040: "ssl_invalid_certificate", 2020: "ssl_invalid_certificate"}
