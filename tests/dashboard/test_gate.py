"""What stands before every request: host names, closed paths, headers."""

import pytest

from dashboard.gate import host_rule, policy


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8501",
        "127.0.0.1:8501",
        "192.0.2.1",
        "[::1]:8501",
        "watch.example.org",
        "watch.example.org.:443",
    ],
)
def test_a_host_is_answered_when_it_is_an_address_or_a_name_that_was_given(host: str) -> None:
    assert host_rule(["Watch.example.org"]).allows(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost:x",
        "a@localhost",
        "localhost/x",
        "localhost?x",
        "localhost;x",
        "[",
        "0x7f000001",
    ],
)
def test_a_host_is_refused_when_it_could_have_been_rebound_or_is_none(host: str | None) -> None:
    assert not host_rule(["watch.example.org"]).allows(host)


def test_the_policy_lets_nothing_in_from_elsewhere_and_nobody_frame_a_page() -> None:
    found = policy("127.0.0.1:8501")
    assert "default-src 'self'" in found
    assert "unsafe-eval" not in found
    assert "frame-ancestors 'self'" in found
    assert "connect-src 'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501" in found


def test_a_badge_may_be_shown_by_other_sites() -> None:
    assert "frame-ancestors *" in policy("x", embeddable=True)
