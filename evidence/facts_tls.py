"""How TLS handshakes for the name went from here, whose certificates they showed, and how the control fared."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from evidence.addresses import plain
from models.failures import TIMEOUTS, Failure
from models.observations import ControlEndpoint, Purpose, TlsHandshake
from models.words import Mechanism

if TYPE_CHECKING:
    from evidence.facts import Hop

RESETS = frozenset({Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED})
CLOSES = frozenset({Failure.EOF_ERROR, Failure.CONNECTION_ALREADY_CLOSED, Failure.NOT_CONNECTED})
_MECHANISMS: dict[str, Mechanism] = {
    **dict.fromkeys(RESETS, Mechanism.SNI_RESET),
    **dict.fromkeys(TIMEOUTS, Mechanism.SNI_TIMEOUT),
    **dict.fromkeys(CLOSES, Mechanism.SNI_CLOSE),
}
_CERTIFICATE_WORDS = frozenset({"ssl_unknown_authority", "ssl_invalid_hostname", "ssl_invalid_certificate"})


class TlsFacts:
    """The handshakes at one hop, made by the walk or to check an address."""

    def __init__(self, hop: "Hop") -> None:
        self._hop = hop
        here = [hello for hello in hop.facts.measurement.tls if hello.hop == hop.number]
        self.walk = tuple(hello for hello in here if hello.purpose is Purpose.WALK)
        self.all = tuple(hello for hello in here if hello.purpose is not Purpose.CONTRAST)

    @property
    def tried(self) -> bool:
        return bool(self.walk)

    @cached_property
    def completed(self) -> tuple[TlsHandshake, ...]:
        """Returns the walk's handshakes that showed a certificate."""
        return tuple(hello for hello in self.walk if completed(hello))

    @cached_property
    def broken_off(self) -> tuple[TlsHandshake, ...]:
        """Returns the walk's handshakes that were reset, closed or never answered, without a word from the server."""
        return tuple(hello for hello in self.walk if broken_off(hello))

    @property
    def interrupted(self) -> bool:
        return self.tried and not self.completed and bool(self.broken_off)

    @property
    def refused(self) -> bool:
        """A server answered in TLS and did not agree."""
        return self.tried and not self.completed and not self.broken_off

    @property
    def mechanism(self) -> Mechanism | None:
        """Returns the commonest way in which the handshake was broken off."""
        found = Counter(_MECHANISMS[hello.failure] for hello in self.broken_off if hello.failure in _MECHANISMS)
        return found.most_common(1)[0][0] if found else None

    # certificates

    @cached_property
    def valid_addresses(self) -> frozenset[str]:
        """Returns the addresses that showed a valid certificate for the hop's name."""
        return frozenset(
            plain(hello.address)
            for hello in self.all
            if completed(hello) and self._for_name(hello) and self.valid(hello)
        )

    def addresses_with(self, words: Iterable[str]) -> frozenset[str]:
        """Returns the addresses whose certificate fails with one of these words."""
        wanted = frozenset(words)
        shown = (hello for hello in self.all if completed(hello) and self._for_name(hello))
        return frozenset(plain(hello.address) for hello in shown if self.failure(hello) in wanted)

    def valid(self, hello: TlsHandshake) -> bool:
        return self.failure(hello) is None

    def failure(self, hello: TlsHandshake) -> str | None:
        return self._hop.facts.certificate_failure(hello)

    @cached_property
    def certificate_failure(self) -> str | None:
        """Returns what is wrong with the walk's certificates where none is valid; null where one is."""
        words = [self.failure(hello) for hello in self.completed]
        return None if not words or None in words else words[0]

    @property
    def has_valid(self) -> bool:
        return bool(self.completed) and self.certificate_failure is None

    @property
    def untrusted(self) -> bool:
        return self.certificate_failure == Failure.SSL_UNKNOWN_AUTHORITY

    @property
    def for_another_name(self) -> bool:
        return self.certificate_failure == Failure.SSL_INVALID_HOSTNAME

    @property
    def out_of_date(self) -> bool:
        return self.certificate_failure == Failure.SSL_INVALID_CERTIFICATE

    @property
    def unrecorded(self) -> bool:
        return self.certificate_failure == "ssl_not_recorded"

    @property
    def chain_kept(self) -> bool:
        """The certificate that fails is in hand, so anybody can look at it."""
        return any(h.chain and all(d in self._hop.facts.blobs for d in h.chain) for h in self.completed)

    # the control at the same addresses

    @cached_property
    def _met(self) -> tuple[ControlEndpoint, ...]:
        endpoints = [(hello.address, hello.port) for hello in self.walk]
        return tuple(e for e in self._hop.control.tcp(endpoints) if e.tls_tried)

    @property
    def control_shakes(self) -> bool:
        """The control completed the handshake, with a valid certificate, at an address tried here."""
        return any(endpoint.tls_failure is None for endpoint in self._met)

    @property
    def control_fails(self) -> bool:
        """The control tried the handshake at these addresses and it failed at each."""
        return bool(self._met) and not self.control_shakes

    @property
    def control_sees_same_certificate(self) -> bool:
        """The control, too, met nothing but certificates that are not valid."""
        return self.control_fails and any(e.tls_failure in _CERTIFICATE_WORDS for e in self._met)

    @property
    def untold(self) -> bool:
        return not self._met

    def _for_name(self, hello: TlsHandshake) -> bool:
        sent = hello.server_name
        return sent is None or sent.rstrip(".").lower() == self._hop.name


def completed(hello: TlsHandshake) -> bool:
    """Tells whether a certificate was shown; an archive's probe reports a bad one as its failure."""
    return hello.failure is None or (hello.failure in _CERTIFICATE_WORDS and hello.alert is None)


def broken_off(hello: TlsHandshake) -> bool:
    """Tells whether the connection was lost in the handshake without a word of TLS from the other side."""
    return hello.failure in _MECHANISMS and hello.alert is None
