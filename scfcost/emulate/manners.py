"""What is done where the vendor is silent."""

from __future__ import annotations

from dataclasses import dataclass, field

from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.message_limits import MessageBounds


@dataclass(frozen=True, slots=True)
class Manners:
    """What is done where the vendor is silent, and what goes into headers."""

    cut_close: str = "drop"
    """What a client sees at a cut: `drop` (TCP ends, so 1006), `reset`, or a close code."""
    end_at: str = "handshake"
    """When an invocation ends by itself: both close frames, the `first` one, or the end of `tcp`."""
    freeze_ms: int | None = None
    """How long after its last connection an instance is frozen, None for never. [ms]"""
    limits: str = "warn"
    """What happens beyond the limits of messages: `warn`, `off`, or `close` (1009)."""
    bounds: MessageBounds = field(default_factory=lambda: MessageBounds(FOREVER_MS, FOREVER_MS, FOREVER_MS))
    client: tuple[str, str] | None = None
    """Where a request names its client: cookie, header or query, and a name."""
    region: str = "ap-guangzhou"
