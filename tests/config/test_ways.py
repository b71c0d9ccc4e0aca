"""The ways out that a configuration may name are those that there are."""

from models.targets_values import VIA_FORMS, Way
from probes.ways import WAYS


def test_the_configuration_and_the_probes_know_the_same_ways_out() -> None:
    assert {way.value for way in Way} == set(WAYS)


def test_the_message_about_a_bad_way_out_names_all_of_them() -> None:
    assert all(way.value in VIA_FORMS for way in Way)
