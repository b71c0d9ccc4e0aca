"""A record's canonical JSON is RFC 8785, byte by byte, whatever a server put into it."""

import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from models.measurement import Measurement, Software, TargetFacts, VantageFacts

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def record(name: str, note: str, runtime_us: int) -> Measurement:
    return Measurement(
        target=TargetFacts(id="t", url=f"https://a.example/{name}", campaigns=(name,)),
        vantage=VantageFacts(id="v", via="direct", network=note),
        started_at="2026-11-22T07:20:00.000000Z",
        runtime_us=runtime_us,
        software=Software(name="wallwatch", version=note),
        notes=(note, name),
    )


@given(ANY_TEXT, ANY_TEXT, st.integers(0, 2**53 - 1))
def test_a_record_is_written_as_the_reference_implementation_writes_it(name: str, note: str, runtime_us: int) -> None:
    canonical = record(name, note, runtime_us).to_canonical()
    assert canonical == rfc8785.dumps(json.loads(canonical))


def test_control_characters_and_signs_beyond_ascii_are_written_the_one_right_way() -> None:
    text = "".join(map(chr, range(0x20))) + '\x7f"\\/é€\u2028😀'
    canonical = record("n", text, 1).to_canonical()
    assert canonical == rfc8785.dumps(json.loads(canonical))
    assert json.loads(canonical)["notes"][0] == text
