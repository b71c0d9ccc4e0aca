"""How soon a look may start; the clock is a number here."""

from datetime import UTC, datetime

from scheduler.pacing import Address, Limits, Pacing, Place, WaitingRoom, limits_for, may_fly
from scheduler.timetable import Due, Pair

AT = datetime(2026, 11, 22, tzinfo=UTC)
SHARED = Address("here", "192.0.2.1", 443)


def due(name: str, vantage: str = "here") -> Due:
    return Due(Pair(name, vantage), AT)


def room(limits: Limits, places: dict[str, Place] | None = None) -> WaitingRoom:
    def place_of(each: Due) -> Place:
        return (places or {}).get(each.pair.target, Place(each.pair.vantage, each.pair.target))

    return WaitingRoom(Pacing(limits), place_of)


def starts(waiting: WaitingRoom, until: float) -> list[tuple[float, str]]:
    """Plays the prober: sleeps until somebody may start, and calls."""
    found, now = [], 0.0
    while (at := waiting.next_at(now)) is not None and max(at, now) <= until:
        now = max(at, now)
        while each := waiting.call(now):
            found.append((round(now, 3), each.pair.target))
    return found


def test_starts_are_so_many_a_second_and_none_is_lost() -> None:
    waiting = room(Limits(a_second=20, a_second_per_vantage=20))
    for n in range(100):
        waiting.enter(due(f"t{n}"), 0.0)
    found = starts(waiting, 10)
    assert len(found) == 100
    assert 4.8 <= found[-1][0] <= 5.1
    assert max(sum(1 for at, _ in found if base <= at < base + 1) for base in range(5)) <= 23


def test_a_vantage_point_never_exceeds_its_own_rate_while_others_go_on() -> None:
    waiting = room(Limits(a_second=100, a_second_per_vantage=10))
    for n in range(20):
        waiting.enter(due(f"here-{n}"), 0.0)
        waiting.enter(due(f"there-{n}", "there"), 0.0)
    found = [name.split("-")[0] for _, name in starts(waiting, 1.0)]
    assert 10 <= found.count("here") <= 13
    assert 10 <= found.count("there") <= 13


def test_targets_on_one_host_start_apart_and_others_do_not_wait_for_them() -> None:
    places = {name: Place("here", "example.org") for name in ("a", "b", "c")}
    waiting = room(Limits(host_apart=2.0), places)
    for name in ("a", "b", "c", "elsewhere"):
        waiting.enter(due(name), 0.0)
    found = {name: at for at, name in starts(waiting, 10)}
    assert found["elsewhere"] < 0.3
    assert found["b"] - found["a"] >= 2.0
    assert found["c"] - found["b"] >= 2.0


def test_an_address_is_left_alone_for_180_seconds_after_interference_for_all_who_share_it() -> None:
    places = {name: Place("here", name, (SHARED,)) for name in ("a", "b")} | {"c": Place("here", "c")}
    waiting = room(Limits(), places)
    waiting.pacing.interfered([SHARED], 0.0)
    for name in ("a", "b", "c"):
        waiting.enter(due(name), 0.0)
    found = {name: at for at, name in starts(waiting, 400)}
    assert found["c"] < 1
    assert found["a"] >= 180
    assert found["b"] >= 180


def test_the_same_address_seen_from_elsewhere_or_at_another_port_is_not_quiet() -> None:
    pacing = Pacing()
    pacing.interfered([SHARED], 0.0)
    assert pacing.quiet_until([Address("there", "192.0.2.1", 443)], 1.0) == 1.0
    assert pacing.quiet_until([Address("here", "192.0.2.1", 80)], 1.0) == 1.0
    assert pacing.quiet(1.0) == 1
    assert pacing.quiet(180.0) == 0


def test_quic_interference_keeps_an_address_quiet_for_300_seconds() -> None:
    pacing = Pacing()
    pacing.interfered([SHARED], 0.0, quic=True)
    pacing.interfered([SHARED], 1.0)
    assert pacing.quiet_until([SHARED], 2.0) == 300.0


def test_ten_thousand_waiting_behind_a_closed_gate_cost_nothing_at_each_call() -> None:
    waiting = room(Limits(a_second=1))
    for n in range(10_000):
        waiting.enter(due(f"t{n}"), 0.0)
    asked = 0

    def counted(each: Due) -> Place:
        nonlocal asked
        asked += 1
        return Place("here", each.pair.target)

    waiting.place_of = counted
    for tick in range(100):
        waiting.call(tick / 1000)
    assert asked <= 3


def test_those_who_wait_leave_when_their_target_is_removed() -> None:
    waiting = room(Limits())
    waiting.enter(due("a"), 0.0)
    waiting.enter(due("b"), 0.0)
    gone = waiting.leave(lambda each: each.pair.target != "a")
    assert [each.pair.target for each in gone] == ["a"]
    assert [name for _, name in starts(waiting, 5)] == ["b"]


def test_limits_keep_up_with_what_the_configuration_asks_for() -> None:
    assert limits_for(10_000 / 60).a_second == 250
    assert limits_for(0.001).a_second == 20


def test_what_is_in_flight_is_bounded_by_sockets_and_memory() -> None:
    assert may_fly(open_files=1224, memory=1 << 40) == (1224 - 200) // 12
    assert may_fly(open_files=1 << 20, memory=256 * 1024 * 10) == 10
    assert may_fly(open_files=10, memory=10) == 4
