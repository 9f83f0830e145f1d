"""Parts of the JSON document: plain data, quantities that are billed exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from scfcost.config import FunctionConfig
from scfcost.metering import Usage
from scfcost.money import gbs, plain
from scfcost.trace.model import Trace
from scfcost.units import MS_PER_SECOND


def of_trace(trace: Trace) -> dict[str, Any]:
    """Describe what was read."""
    return {
        "sources": list(trace.provenance.sources),
        "connections": trace.connections,
        "messages": trace.messages,
        "start": _instant(trace.start_ms),
        "end": _instant(trace.end_ms),
        "window_s": f"{trace.window_ms // MS_PER_SECOND}.{trace.window_ms % MS_PER_SECOND:03d}",
        "rejected_rows": trace.provenance.rows_rejected,
        "has_messages": trace.has_messages,
    }


def _instant(instant_ms: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant_ms)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def of_function(config: FunctionConfig) -> dict[str, Any]:
    """Describe the settings of a function."""
    return {
        "memory_mb": config.memory_mb,
        "idle_timeout_s": config.idle_timeout_s,
        "exec_timeout_s": config.exec_timeout_s,
        "init_timeout_s": config.init_timeout_s,
        "max_concurrency": config.max_concurrency,
        "reconnect": config.reconnect_policy,
        "heartbeat_s": config.heartbeat_s,
    }


def of_usage(usage: Usage) -> dict[str, Any]:
    """Describe a usage, exactly."""
    return {
        "invocations": usage.invocations,
        "billed_ms": usage.billed_ms,
        "connection_ms": usage.connection_ms,
        "resource_mb_ms": usage.resource_mb_ms,
        "resource_gbs": plain(gbs(usage.resource_mb_ms)),
        "egress_bytes": usage.egress_bytes,
    }
