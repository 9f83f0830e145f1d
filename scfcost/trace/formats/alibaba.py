"""Access log of Alibaba Cloud's CLB (SLB) and ALB, as its log service delivers it: fields named as nginx's.

References
----------
Fields: alibabacloud.com/help/en/sls/user-guide/log-fields-26, seen 2026-11-25; request_time is in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.json_fields import common_paths, find, objects
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.nginx_json import json_log

_NAMES = ("slbid", "app_lb_id", "slb_vport")


def _kinds(texts: Sequence[str]) -> list[Kind]:
    values = [one for one in objects(texts) if any(find(list(one), [name]) for name in _NAMES)]
    log = json_log(values) if find(common_paths(values), _NAMES) else None
    return [] if log is None else [kind_of(log, "alibaba")]


FORMAT = Format(
    name="alibaba",
    title="access log of Alibaba Cloud's CLB (SLB) or ALB, JSON or CSV of its log service",
    kinds=_kinds,
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="turn on access logs of the balancer to a Logstore; download status, time, request_time and body_bytes_sent",
    convert=no_line,
)
