"""Parts of the JSON document: plain data, quantities that are billed exact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.billing.meters import METERS, Usage
from scfcost.config.function import FunctionConfig
from scfcost.core.money import gbs, plain
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.message_limits import MessageExcess
from scfcost.lifecycle.records import Load
from scfcost.trace.model import Trace

if TYPE_CHECKING:
    from scfcost.lifecycle.records import Refusals


def of_trace(trace: Trace) -> dict[str, Any]:
    """Describe what was read."""
    return {
        "sources": list(trace.provenance.sources),
        "connections": trace.connections,
        "messages": trace.messages,
        "start": instant(trace.start_ms),
        "end": instant(trace.end_ms),
        "window_s": f"{trace.window_ms // MS_PER_SECOND}.{trace.window_ms % MS_PER_SECOND:03d}",
        "rejected_rows": trace.provenance.rows_rejected,
        "has_messages": trace.has_messages,
    }


def instant(instant_ms: int) -> str:
    """Write an instant as ISO 8601 in UTC, to the ms."""
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
        **_unusual(config),
    }


def _unusual(config: FunctionConfig) -> dict[str, Any]:
    """Return further settings of instances where they are not the default."""
    plain_config = FunctionConfig()
    names = (
        "function_type", "keep_alive_s", "placement", "provisioned", "init_ms", "bill_init", "recycle_on_error",
        "max_retries", "memory_base_mb", "memory_per_connection_mb",
    )  # fmt: skip
    return {one: getattr(config, one) for one in names if getattr(config, one) != getattr(plain_config, one)}


def of_usage(usage: Usage) -> dict[str, Any]:
    """Describe a usage, exactly."""
    return {
        **{counter: usage[counter] for counter in ("invocations", "billed_ms", "connection_ms", "resource_mb_ms")},
        "resource_gbs": plain(gbs(usage["resource_mb_ms"])),
        "egress_bytes": usage["egress_bytes"],
        **{one: usage[one] for meter in METERS if not meter.always for one in meter.counters if usage[one]},
    }


def of_concurrency(load: Load, quota_mb: int | None, would_refuse: Mapping[str, int]) -> dict[str, Any]:
    """Describe peaks, refusals and cold starts.

    Parameters
    ----------
    load : Load
        What the invocations take of instances.
    quota_mb : int or None
        Memory quota of the region, None where unknown. [MB]
    would_refuse : mapping of str to int
        Invocations beyond each limit, by status code. [1]
    """
    return {
        "peak_connections": load.peak_connections,
        "peak_instances": load.peak_instances,
        "peak_memory_mb": load.peak_memory_mb,
        "quota_mb": quota_mb,
        "would_refuse": dict(would_refuse),
        "cold_starts": int(load.cold_starts.sum()),
    }


def of_refusals(refusals: Refusals, trace: Trace, listed: int) -> dict[str, Any]:
    """Describe what was refused: attempts by code, and the sessions they hit, the first of them by name.

    Parameters
    ----------
    refusals : Refusals
        Attempts that came to nothing.
    trace : Trace
        n connections.
    listed : int
        How many connections are named. [1]
    """
    sessions, first = np.unique(refusals.session, return_index=True)
    in_time = sessions[np.argsort(first, kind="stable")]
    return {
        **{code: refusals.counts().get(code, 0) for code in ("432", "429", "450")},
        "sessions": len(sessions),
        "gave_up": int(refusals.given_up.sum()),
        "connection_ids": [str(one) for one in trace.connection_id[in_time[:listed]]],
    }


def of_message_excess(excess: MessageExcess, trace: Trace) -> dict[str, Any]:
    """Describe which connections go beyond the message limits.

    Parameters
    ----------
    excess : MessageExcess
        Connections beyond the message limits.
    trace : Trace
        n connections.
    """
    return {
        "connections": excess.connections,
        **{one: {"limit": getattr(excess.bounds, one), "connections": count} for one, count in excess.broken.items()},
        "worst": [{"connection_id": str(trace.connection_id[i]), **peaks} for i, peaks in excess.worst],
    }
