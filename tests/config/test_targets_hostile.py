"""Whatever bytes a configuration file holds: a configuration or a TargetsError, never anything else."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.targets import Configuration
from models.targets_errors import TargetsError
from models.targets_file import load

REAL = (Path(__file__).parents[2] / "targets.yaml").read_bytes()


def load_bytes(data: bytes) -> Configuration | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "targets.yaml"
        file.write_bytes(data)
        try:
            return load(file, {})
        except TargetsError as error:
            assert error.problems
            return None


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_read(data: bytes) -> None:
    load_bytes(data)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet="{}[],:-*&!?|>%@`'\"#~<\n\t aé0x$", max_size=80))
def test_the_signs_of_yaml_in_any_order_are_refused_or_read(text: str) -> None:
    load_bytes(text.encode())
    load_bytes(b"targets:\n  - " + text.replace("\n", "\n    ").encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("https://a.example/"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "url", "every", "via"]), inner),
    max_leaves=8,
)
KEYS = st.sampled_from([*Configuration.model_fields, "x-a", "nonsense"])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_value_at_any_key_is_refused_or_read(tree: dict[str, object]) -> None:
    load_bytes(repr(tree).replace("None", "null").encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("seed", range(30))
def test_the_real_file_with_bytes_changed_is_refused_or_read(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(REAL)
    for _ in range(rng.randint(1, 8)):
        place = rng.randrange(len(data))
        data[place : place + rng.randint(0, 5)] = rng.choice([b"", b"\t", b": ", b"- ", b"\xff", b"*a", b"${", b"\n"])
    load_bytes(bytes(data))
