"""What a changed configuration changes, in words."""

from models.targets import Canary, Configuration, Defaults, Target, VantagePoint
from models.targets_diff import difference


def target(name: str, **more: object) -> Target:
    return Target.model_validate({"id": name, "url": f"https://{name}.example/", **more})


def test_the_same_configuration_twice_is_no_difference() -> None:
    one = Configuration(targets=(target("a"),))
    assert not difference(one, Configuration(targets=(target("a"),)))
    assert difference(one, one).summary() == "nothing changed"


def test_added_changed_and_removed_targets_are_counted_and_named() -> None:
    old = Configuration(targets=(target("a"), target("b"), target("c")))
    new = Configuration(targets=(target("a", every="2h"), target("c"), target("d"), target("e")))
    found = difference(old, new)
    assert found.summary() == "targets: added 2, changed 1, removed 1"
    assert found["targets"].added == ("d", "e")
    assert found["targets"].removed == ("b",)
    assert found.sentences() == (
        "target d added",
        "target e added",
        "target b removed; its history is kept",
        "target a: every: none → 2h",
    )


def test_moving_a_target_within_the_file_changes_nothing() -> None:
    forth = Configuration(targets=(target("a"), target("b")))
    assert not difference(forth, Configuration(targets=(target("b"), target("a"))))


def test_defaults_and_settings_are_told_by_their_key() -> None:
    old, new = Configuration(), Configuration(defaults=Defaults.model_validate({"every": "1h"}), simulated=True)
    assert difference(old, new).settings == ("defaults.every: 6h → 1h", "simulated: False → True")


def test_a_canary_and_a_vantage_point_are_told_by_their_own_words() -> None:
    old = Configuration(canaries=(Canary(id="k", url="https://k.example/"),))
    new = Configuration(vantage_points=(VantagePoint(id="v"),))
    assert difference(old, new).sentences() == (
        "vantage point v added",
        "canary k removed; its history is kept",
    )


def test_a_password_never_shows_in_a_difference() -> None:
    old = Configuration(vantage_points=(VantagePoint(id="v", via="socks5://me:old-secret@127.0.0.1:1080"),))
    new = Configuration(vantage_points=(VantagePoint(id="v", via="socks5://me:new-secret@127.0.0.1:1080"),))
    found = difference(old, new)
    assert found.sentences() == ("vantage point v: via changed",)
    assert "secret" not in str(found.to_json())


def test_a_long_value_is_only_said_to_have_changed() -> None:
    old, new = (
        Configuration(targets=(target("a", note="x" * 90),)),
        Configuration(targets=(target("a", note="y" * 90),)),
    )
    assert difference(old, new).sentences() == ("target a: note changed",)
