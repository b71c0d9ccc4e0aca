"""How often one client may ask."""

import pytest

from probes.control_limits import Limits


def test_limits_refill_steadily() -> None:
    limits = Limits(60)
    assert [limits.wait("192.0.2.1", now=0) for _ in range(60)] == [0] * 60
    assert limits.wait("192.0.2.1", now=0) == pytest.approx(1)
    assert limits.wait("192.0.2.1", now=0.5) == pytest.approx(0.5)
    assert limits.wait("192.0.2.1", now=1.01) == 0
    assert limits.wait("192.0.2.2", now=1.01) == 0


def test_limits_take_all_addresses_of_one_ipv6_network_for_one_client() -> None:
    limits = Limits(1)
    assert limits.wait("2001:db8::1", now=0) == 0
    assert limits.wait("2001:db8::2%eth0", now=0) > 0
    assert limits.wait("2001:db8:0:1::1", now=0) == 0
    assert limits.wait("::ffff:192.0.2.1", now=0) == 0
    assert limits.wait("192.0.2.1", now=0) > 0
