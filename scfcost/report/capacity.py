"""What the settings carry, as rows and sentences. Documents are the plain data of `Capacity.to_dict`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scfcost.core.language import ENGLISH, _, language, translated
from scfcost.report import markdown as md
from scfcost.report import words

LOAD_HEADER = ("load", "connections", "instances", "memory, MB", "starts a minute", "432", "429", "cold starts")
"""Header of `load_rows`, but for the month, which holds the currency."""
REMEDY_HEADER = ("change", "memory, MB", "432", "429")
"""Header of `remedy_rows`, but for the month."""


def month_title(document: Mapping[str, Any]) -> str:
    """Name the column of months, and what they do not hold."""
    missing = {one["what"] for one in document["not_known"]}
    part = _(" (known part)") if missing & {"price", "bytes"} else ""
    return _("month, {currency}{part}{point}").format(
        currency=document["currency"], part=part, point=_(" (point)") if "silences" in missing else ""
    )


def headline(document: Mapping[str, Any]) -> str:
    """Say in a sentence whether the traffic is carried; only at a point where it is not known how long it lasts."""
    sentence = _headline(document)
    if any(one["what"] == "silences" for one in document["not_known"]):
        return _("At a point between low and high: {sentence}").format(sentence=sentence[0].lower() + sentence[1:])
    return sentence


def _headline(document: Mapping[str, Any]) -> str:
    now, quota, holds = document["loads"][0], document["quota_mb"], document["holds_connections"]
    peak = _("{connections} at once at most").format(connections=words.counted(now["peak_connections"], "connection"))
    if quota is None:
        return _("{peak}; the region's quota is unknown").format(peak=peak)
    if now["refused"]["432"] and holds is not None:
        return _(
            "{peak}, and the quota of {quota:,} MB holds {holds:,}: from the {first} on they are "
            "refused (432), {refused:,} in all"
        ).format(peak=peak, quota=quota, holds=holds, first=_ordinal(holds + 1), refused=now["refused"]["432"])
    if now["refused"]["432"]:
        return _("{peak}; the quota of {quota:,} MB refuses {refused:,} of them (432)").format(
            peak=peak, quota=quota, refused=now["refused"]["432"]
        )
    if now["refused"]["429"]:
        return _(
            "{peak}, which the quota of {quota:,} MB holds; the burst limit of {burst_per_minute:,} new "
            "instances a minute refuses {refused:,} (429)"
        ).format(peak=peak, quota=quota, burst_per_minute=document["burst_per_minute"], refused=now["refused"]["429"])
    held = _(", which holds {holds:,}").format(holds=holds) if holds is not None else ""
    return _("{peak}, within the quota of {quota:,} MB{held}; nothing is refused").format(
        peak=peak, quota=quota, held=held
    )


def _ordinal(number: int) -> str:
    if language() != ENGLISH:
        return f"{number:,}"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number:,}{ending}"


def settings(document: Mapping[str, Any]) -> str:
    """Name memory and concurrency of the functions, the region and the limits."""
    functions = [
        _("{function}: {memory_mb:,} MB, {held} an instance").format(
            function=one, memory_mb=own["memory_mb"], held=words.counted(own["max_concurrency"], "connection")
        )
        for one, own in document["functions"].items()
    ]
    return _("{functions} · {region} · plan {plan}").format(
        functions=_("; ").join(functions), region=document["region"], plan=document["plan"]
    )


def reached(document: Mapping[str, Any]) -> Iterator[str]:
    """Say when each limit is first reached."""
    for code, limit in (("432", _("memory quota")), ("429", _("burst limit"))):
        if code in document["first_refused_ms"]:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=document["first_refused_ms"][code])
            shown = moment.astimezone(ZoneInfo(document["time_zone"])).isoformat(sep=" ", timespec="seconds")
            yield _("the {limit} is first reached at {shown} ({code})").format(limit=limit, shown=shown, code=code)


def worst_case(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what a month can cost at most, and which quota would bound it."""
    worst, currency = document["worst_case"], document["currency"]
    if worst is None:
        yield _("the most that a month can cost is unknown: nothing bounds it but a quota, and none is known")
        return
    yield words.worst_case(worst, currency)
    bounded = worst["bounded_to"]
    if bounded is None:
        return
    peak_mb, uncut_mb = document["loads"][0]["peak_memory_mb"], document["uncut"]["peak_memory_mb"]
    bound = _("a quota of {quota_mb:,} MB would bound it to {monthly}").format(
        quota_mb=bounded["quota_mb"], monthly=words.money(bounded["monthly"], currency)
    )
    needs = _("this traffic needs {peak_mb:,} MB at its peak").format(peak_mb=peak_mb)
    if uncut_mb > peak_mb:
        needs += _(", up to {uncut_mb:,} MB where no connection is cut").format(uncut_mb=uncut_mb)
    yield (
        _("{bound}, but {needs}").format(bound=bound, needs=needs)
        if bounded["quota_mb"] < max(peak_mb, uncut_mb)
        else f"{bound}{_('; ')}{needs}"
    )


def supposed(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what keeps the settings from delivering, and what was supposed of clients where nobody said what they do."""
    yield from map(translated, document["shortfalls"])
    if all(own["reconnect"] is not None for own in document["functions"].values()):
        return
    most = document["uncut"]
    yield (
        _(
            "clients are supposed to stay away after a cut; where they come back (--reconnect), up to "
            "{peak_connections} are open at once ({peak_memory_mb:,} MB)"
        ).format(
            peak_connections=words.counted(most["peak_connections"], "connection"),
            peak_memory_mb=most["peak_memory_mb"],
        )
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
    parts += [
        _("> not known: {message}").format(message=md.escape(translated(one["message"])))
        for one in document["not_known"]
    ]
    return "\n\n".join(parts) + "\n"


def remedies_title(document: Mapping[str, Any]) -> str:
    """Say what the remedies are for."""
    factor = document["remedied_factor"]
    title = (
        _("What carries this traffic")
        if factor == 1
        else _("What would carry {factor} × the traffic").format(factor=factor)
    )
    told = all(own["memory_told"] for own in document["functions"].values())
    return title if told else _("{title}, if an instance's memory holds so many connections").format(title=title)


def remedy_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield each change and what it brings, its month last."""
    for one in document["remedies"]:
        refused = (f"{one['refused'][code]:,}" for code in ("432", "429"))
        mark = "✓ " if one["carries"] else "  "
        yield [mark + translated(one["change"]), f"{one['peak_memory_mb']:,}", *refused, words.money(one["monthly"])]
