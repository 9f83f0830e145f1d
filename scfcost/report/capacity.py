"""What the settings carry, as rows and sentences. Documents are the plain data of `Capacity.to_dict`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scfcost.report import markdown as md
from scfcost.report import words

LOAD_HEADER = ("load", "connections", "instances", "memory, MB", "starts a minute", "432", "429", "cold starts")
"""Header of `load_rows`, but for the month, which holds the currency."""
REMEDY_HEADER = ("change", "memory, MB", "432", "429")
"""Header of `remedy_rows`, but for the month."""


def month_title(document: Mapping[str, Any]) -> str:
    """Name the column of months, and what they do not hold."""
    missing = {one["what"] for one in document["not_known"]}
    part = " (known part)" if missing & {"price", "bytes"} else ""
    return f"month, {document['currency']}{part}{' (point)' if 'silences' in missing else ''}"


def headline(document: Mapping[str, Any]) -> str:
    """Say in a sentence whether the traffic is carried; only at a point where it is not known how long it lasts."""
    said = _headline(document)
    if any(one["what"] == "silences" for one in document["not_known"]):
        return f"At a point between low and high: {said[0].lower()}{said[1:]}"
    return said


def _headline(document: Mapping[str, Any]) -> str:
    now, quota, holds = document["loads"][0], document["quota_mb"], document["holds_connections"]
    peak = f"{words.counted(now['peak_connections'], 'connection')} at once at most"
    if quota is None:
        return f"{peak}; the region's quota is {words.UNKNOWN}"
    if now["refused"]["432"] and holds is not None:
        return (
            f"{peak}, and the quota of {quota:,} MB holds {holds:,}: from the {_ordinal(holds + 1)} on they are "
            f"refused (432), {now['refused']['432']:,} in all"
        )
    if now["refused"]["432"]:
        return f"{peak}; the quota of {quota:,} MB refuses {now['refused']['432']:,} of them (432)"
    if now["refused"]["429"]:
        return (
            f"{peak}, which the quota of {quota:,} MB holds; the burst limit of {document['burst_per_minute']:,} new "
            f"instances a minute refuses {now['refused']['429']:,} (429)"
        )
    held = f", which holds {holds:,}" if holds is not None else ""
    return f"{peak}, within the quota of {quota:,} MB{held}; nothing is refused"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number:,}{ending}"


def settings(document: Mapping[str, Any]) -> str:
    """Name memory and concurrency of the functions, the region and the limits."""
    functions = [
        f"{one}: {own['memory_mb']:,} MB, {words.counted(own['max_concurrency'], 'connection')} an instance"
        for one, own in document["functions"].items()
    ]
    return f"{'; '.join(functions)} · {document['region']} · plan {document['plan']}"


def reached(document: Mapping[str, Any]) -> Iterator[str]:
    """Say when each limit is first reached."""
    for code, limit in (("432", "memory quota"), ("429", "burst limit")):
        if code in document["first_refused_ms"]:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=document["first_refused_ms"][code])
            shown = moment.astimezone(ZoneInfo(document["time_zone"])).isoformat(sep=" ", timespec="seconds")
            yield f"the {limit} is first reached at {shown} ({code})"


def worst_case(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what a month can cost at most, and which quota would bound it."""
    worst, currency = document["worst_case"], document["currency"]
    if worst is None:
        yield f"the most that a month can cost is {words.UNKNOWN}: nothing bounds it but a quota, and none is known"
        return
    yield words.worst_case(worst, currency)
    bounded = worst["bounded_to"]
    if bounded is None:
        return
    peak_mb, uncut_mb = document["loads"][0]["peak_memory_mb"], document["uncut"]["peak_memory_mb"]
    bound = f"a quota of {bounded['quota_mb']:,} MB would bound it to {words.money(bounded['monthly'], currency)}"
    needs = f"this traffic needs {peak_mb:,} MB at its peak"
    if uncut_mb > peak_mb:
        needs += f", up to {uncut_mb:,} MB where no connection is cut"
    yield f"{bound}, but {needs}" if bounded["quota_mb"] < max(peak_mb, uncut_mb) else f"{bound}; {needs}"


def supposed(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what keeps the settings from delivering, and what was supposed of clients where nobody said what they do."""
    yield from document["shortfalls"]
    if all(own["reconnect"] is not None for own in document["functions"].values()):
        return
    most = document["uncut"]
    yield (
        "clients are supposed to stay away after a cut; where they come back (--reconnect), up to "
        f"{words.counted(most['peak_connections'], 'connection')} are open at once ({most['peak_memory_mb']:,} MB)"
    )


def load_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield what each multiple of the traffic needs, its month last."""
    for load in document["loads"]:
        numbers = ("peak_connections", "peak_instances")
        yield [
            f"{load['factor']} ×",
            *(f"{load[name]:,}" for name in numbers),
            f"{load['peak_memory_mb']:,}",
            f"{load['burst']:,}",
            f"{load['refused']['432']:,}",
            f"{load['refused']['429']:,}",
            f"{load['cold_starts']:,}",
            words.money(load["monthly"]),
        ]


def markdown(document: Mapping[str, Any]) -> str:
    """Return what the settings carry as Markdown."""
    month = month_title(document)
    parts = [md.escape(headline(document)), md.escape(settings(document))]
    parts += [*(md.escape(sentence) for sentence in supposed(document)), *reached(document)]
    parts += [md.escape(sentence) for sentence in worst_case(document)]
    parts.append(md.table((*LOAD_HEADER, month), load_rows(document)))
    if document["remedies"]:
        parts.append(f"{remedies_title(document)}:")
        parts.append(md.table((*REMEDY_HEADER, month), remedy_rows(document)))
    parts += [f"> not known: {md.escape(one['message'])}" for one in document["not_known"]]
    return "\n\n".join(parts) + "\n"


def remedies_title(document: Mapping[str, Any]) -> str:
    """Say what the remedies are for."""
    factor = document["remedied_factor"]
    title = "What carries this traffic" if factor == 1 else f"What would carry {factor} × the traffic"
    told = all(own["memory_told"] for own in document["functions"].values())
    return title if told else f"{title}, if an instance's memory holds so many connections"


def remedy_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield each change and what it brings, its month last."""
    for one in document["remedies"]:
        refused = (f"{one['refused'][code]:,}" for code in ("432", "429"))
        mark = "✓ " if one["carries"] else "  "
        yield [mark + one["change"], f"{one['peak_memory_mb']:,}", *refused, words.money(one["monthly"])]
