"""Request log of Google Cloud load balancers: the timestamp is the start, the latency names its unit."""

from __future__ import annotations

import re
from dataclasses import replace

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import MOST_DAYS, LineLog, iso, json_at, value_at, whole
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.unwrap import object_in
from scfcost.trace.formats.values import named_unit_ms

_AT = iso(json_at("timestamp"))
LOG = LineLog(
    slack_days=MOST_DAYS,
    pattern=None,
    keys=("httpRequest.latency", "httpRequest.status", "timestamp"),
    websocket=f"{json_at('httpRequest.status')} = '101'",
    connect_ms=_AT,
    close_ms=f"{_AT} + {named_unit_ms(json_at('httpRequest.latency'))}",
    bytes_out=whole(json_at("httpRequest.responseSize")),
    bytes_in=whole(json_at("httpRequest.requestSize")),
    client=json_at("httpRequest.remoteIp"),
)
_OF_LINES = ("k8s_container", "gce_instance")
"""Resources whose entries are lines that some server wrote at the end of a request, in this shape."""


def _is_line(text: str) -> bool:
    """Whether a text is an entry of a load balancer, or of what serves requests itself, as Cloud Run does."""
    found = object_in(text) if LOG.is_line(text) else None
    if found is None or value_at(found, "resource.type") in _OF_LINES:
        return False
    return re.fullmatch(r"[\d.]+s", str(value_at(found, "httpRequest.latency"))) is not None


FORMAT = Format(
    name="gcp-lb",
    title="request log of a Google Cloud load balancer",
    kinds=lambda _: (replace(kind_of(LOG, "gcp-lb"), is_line=_is_line),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="gcloud logging read 'resource.type=http_load_balancer AND httpRequest.status=101' --format json",
    convert=no_line,
)
