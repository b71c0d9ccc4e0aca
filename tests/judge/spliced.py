"""Measurements spliced from the parts of all cases: near enough to real ones that every table is reached."""

from hypothesis import strategies as st

from models.measurement import Measurement
from tests.judge.generated import BODIES, canaries, connects, contrasts, controls, fetches, handshakes, lookups
from tests.judge.records import Look, https
from tests.judge.test_rules import CASES

BLOBS = BODIES | {digest: blob for case in CASES for digest, blob in case.look.blobs.items()}
_WHOLE = [case.look.measurement for case in CASES]
_STEPS = {
    "dns": lookups,
    "tcp": connects,
    "tls": handshakes,
    "http": fetches,
    "contrasts": contrasts,
    "controls": controls,
    "canaries": canaries,
}


@st.composite
def splices(draw: st.DrawFn) -> Measurement:
    """Draws each part from one case or another, and now and then adds a step that fits nothing."""
    base: Look = https()
    parts = {}
    for name, odd in _STEPS.items():
        part = getattr(draw(st.sampled_from(_WHOLE)), name) if name != "canaries" else ()
        parts[name] = (*part, draw(odd)) if draw(st.integers(0, 9)) == 0 else part
    return base.but(target=draw(st.sampled_from(_WHOLE)).target, **parts).measurement
