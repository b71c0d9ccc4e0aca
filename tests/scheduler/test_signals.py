"""Which addresses are left alone after a look."""

from dataclasses import replace

from models.observations import TcpConnect
from models.verdict import Verdict
from models.words import Mechanism, Outcome, Stage
from scheduler.pacing import Address
from scheduler.signals import interfered, met
from tests.scheduler.made import finished, reset_here

ADDRESS = Address("here", "192.0.2.1", 80)


def says(outcome: Outcome, mechanism: Mechanism | None = None, stage: Stage | None = None) -> Verdict:
    return Verdict(outcome=outcome, mechanism=mechanism, stage=stage, rule="test.given", ruleset="test")


def test_the_address_at_which_a_request_was_reset_is_left_alone() -> None:
    verdict = says(Outcome.ANOMALY, Mechanism.HTTP_RESET, Stage.HTTP)
    assert interfered(reset_here().measurement, verdict) == (ADDRESS,)


def test_the_address_at_which_a_block_page_came_is_left_alone_though_nothing_failed() -> None:
    assert interfered(finished().measurement, says(Outcome.CONFIRMED, Mechanism.BLOCKPAGE, Stage.HTTP)) == (ADDRESS,)


def test_addresses_that_worked_beside_the_one_that_failed_are_not() -> None:
    measurement = reset_here().measurement
    other = TcpConnect(connection=2, address="192.0.2.2", port=80, started_us=0, duration_us=1, failure=None)
    verdict = says(Outcome.ANOMALY, Mechanism.HTTP_RESET, Stage.HTTP)
    assert interfered(replace(measurement, tcp=(*measurement.tcp, other)), verdict) == (ADDRESS,)
    assert len(met(replace(measurement, tcp=(*measurement.tcp, other)))) == 2


def test_what_is_no_block_and_what_is_only_a_lie_about_names_leaves_no_address_alone() -> None:
    measurement = reset_here().measurement
    assert interfered(measurement, says(Outcome.DOWN)) == ()
    assert interfered(measurement, says(Outcome.INCONCLUSIVE)) == ()
    assert interfered(measurement, says(Outcome.ANOMALY, Mechanism.DNS_NXDOMAIN, Stage.DNS)) == ()


def test_a_failure_of_this_machines_own_network_is_no_interference() -> None:
    measurement = finished().measurement
    unreachable = replace(measurement.tcp[0], failure="network_unreachable")
    bare = replace(measurement, tcp=(unreachable,), http=())
    assert interfered(bare, says(Outcome.ANOMALY, Mechanism.IP_UNREACHABLE, Stage.TCP)) == ()
