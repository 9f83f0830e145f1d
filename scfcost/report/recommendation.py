"""A recommendation: the settings to choose from, the sentence that says what to set, and what deploys it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import recommendation_notes, settings, words
from scfcost.report.markdown import escape, table

STRATEGIES = ("cheapest", "balanced", "safest")


def table_of(document: Mapping[str, Any]) -> tuple[list[str], list[list[str]], int | None]:
    """Return the present setting, the three to choose from and what changes more, and which row is put forward."""
    rows, titles = [document["current"]], ["now"]
    for name in STRATEGIES:
        if document[name] is not None:
            rows.append(document[name])
            titles.append(name)
    if document["nearest"] is not None:
        rows.append(document["nearest"])
        titles.append("nearest")
    marked = titles.index(document["strategy"]) if document["strategy"] in titles else None
    rows += document["levers"]
    titles += [one["name"] for one in document["levers"]]
    if any(row["cut_harmful"] is None for row in rows):  # a change beyond the timeouts is priced at the point alone
        rows, titles, marked = rows[:1], titles[:1], None
    header, body = settings.table_of(
        rows, money_title(document), titles, axes=(), without_idle=settings.without_idle(document)
    )
    return header, body, marked


def money_title(document: Mapping[str, Any]) -> str:
    """Name the currency of a document's months, and that they are a part where not all is known."""
    return f"{document['currency']}{' (known part)' if settings.is_part(document) else ''}"


def headline(document: Mapping[str, Any]) -> str:
    """Say in a sentence what to set, what it costs and what people notice."""
    chosen, current, currency = document["recommended"], document["current"], document["currency"]
    if chosen is None:
        return _no_setting(document)
    if chosen["cut_harmful"] is None:
        low, high = (settings.month(current, end) for end in ("_low", "_high"))
        part = _(", as far as its price is known") if settings.is_part(document) else ""
        ends = low if low == high else _("{low} to {high}").format(low=low, high=high)
        return _("The timeouts stay as they are: a month costs {currency} {ends}{part}.").format(
            currency=currency, ends=ends, part=part
        )
    if (whole := whole_sentence(document)) is not None:
        lost, now = (settings.percent(row["undelivered_share"]) for row in (chosen, current))
        timeouts = _("{idle_timeout_s:g} s and {exec_timeout_s:g} s").format(
            idle_timeout_s=chosen["idle_timeout_s"], exec_timeout_s=chosen["exec_timeout_s"]
        )
        text = _("Among timeouts alone, {strategy} are {timeouts}, for {currency} {amount} a month").format(
            strategy=translated(document["strategy"]),
            timeouts=timeouts,
            currency=currency,
            amount=settings.month(chosen),
        )
        return _("{whole} {text}: {lost} undelivered, now {now}.").format(whole=whole, text=text, lost=lost, now=now)
    same = all(chosen[name] == current[name] for name in ("idle_timeout_s", "exec_timeout_s"))
    months = _("{currency} {amount} a month").format(currency=currency, amount=settings.month(chosen))
    months += "" if same else _(", now {amount}").format(amount=settings.month(current))
    months += _(" (the known part)") if settings.is_part(document) else ""
    return _change(same=same, idle=not settings.without_idle(document)).format(
        idle_timeout_s=chosen["idle_timeout_s"],
        exec_timeout_s=chosen["exec_timeout_s"],
        strategy=translated(document["strategy"]),
        months=months,
        reached=_unreached(chosen, None if same else current, requests=settings.without_idle(document)),
    )


def _change(*, same: bool, idle: bool) -> str:
    """Return the sentence that keeps or changes the timeouts that a function has."""
    if not idle:
        kept = _("Keep the execution timeout at {exec_timeout_s:g} s ({strategy}): {months}; {reached}.")
        return (
            kept if same else _("Set the execution timeout to {exec_timeout_s:g} s ({strategy}): {months}; {reached}.")
        )
    if same:
        return _(
            "Keep the idle timeout at {idle_timeout_s:g} s and the execution timeout at {exec_timeout_s:g} s "
            "({strategy}): {months}; {reached}."
        )
    return _(
        "Set the idle timeout to {idle_timeout_s:g} s and the execution timeout to {exec_timeout_s:g} s "
        "({strategy}): {months}; {reached}."
    )


def _unreached(chosen: Mapping[str, Any], current: Mapping[str, Any] | None, *, requests: bool) -> str:
    """Say how many messages reach nobody, and how many now, in numbers where shares tell no difference."""
    lost = settings.percent(chosen["undelivered_share"])
    if requests:
        now = lost if current is None else settings.percent(current["undelivered_share"])
        return _("{lost} of the requests are cut, now {now}").format(lost=lost, now=now)
    if current is None:
        return _("{lost} of the messages reach nobody").format(lost=lost)
    numbers = [row["messages_lost"] + row["pushes_missed"] for row in (chosen, current)]
    if numbers[0] == numbers[1]:
        return _("{lost} of the messages reach nobody, as many as now").format(lost=lost)
    if (now := settings.percent(current["undelivered_share"])) != lost:
        return _("{lost} of the messages reach nobody, now {now}").format(lost=lost, now=now)
    return _("{messages} ({lost}) reach nobody, now {now:,}").format(
        messages=words.counted(numbers[0], "message"), lost=lost, now=numbers[1]
    )


def _no_setting(document: Mapping[str, Any]) -> str:
    nearest = document["nearest"]
    if any(one["what"] == "price" for one in document["not_known"]):
        return _("No setting is put forward: a price is not known, and nothing is compared by a part of its cost.")
    if settings.is_silent(document):
        return _("No setting is put forward: whom other timeouts would cut off is not known.")
    if nearest is None and any(one["what"] == "bytes" for one in document["not_known"]):
        text = _(
            "No setting is put forward: the bytes of messages to clients are not known, and nothing is compared by a "
            "part of its cost."
        )
        safest = _("{text} The safest is known all the same: --strategy safest.")
        return text if document["safest"] is None else safest.format(text=text)
    if nearest is None:
        return _("No setting keeps to what was asked.")
    month = _("{currency} {amount} a month").format(currency=document["currency"], amount=settings.month(nearest))
    if settings.without_idle(document):
        text = _(
            "No setting keeps to what was asked; the nearest is an execution timeout of {exec_timeout_s:g} s, "
            "for {month}."
        )
    else:
        text = _(
            "No setting keeps to what was asked; the nearest is an idle timeout of {idle_timeout_s:g} s with an "
            "execution timeout of {exec_timeout_s:g} s, for {month}."
        )
    timeouts = {name: nearest.get(name, 0) for name in ("idle_timeout_s", "exec_timeout_s")}
    text = text.format(**timeouts, month=month)
    if document["not_known"]:
        return text
    would = [_would(one, document) for one in document["levers"]]
    kept = _("{text} What would keep to it, each alone: {would}.").format(text=text, would=_("; ").join(would))
    none = _(
        "{text} Nothing else that was tried keeps to it: what clients do after a cut, a heartbeat, more connections an "
        "instance, another plan."
    )
    if would:
        return kept
    return (_("{text} Nothing else that was tried keeps to it.") if settings.without_idle(document) else none).format(
        text=text
    )


def _would(one: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """Name a change with its flags, the timeouts it goes with, and what it costs."""
    text = _(
        "{change} ({flags}), at timeouts of {idle_timeout_s:g} s and {exec_timeout_s:g} s, {currency} {amount} a month"
    )
    if settings.without_idle(document):
        text = _("{change} ({flags}), at an execution timeout of {exec_timeout_s:g} s, {currency} {amount} a month")
    return text.format(
        change=translated(one["change"]), flags=one["flags"], idle_timeout_s=one["idle_timeout_s"],
        exec_timeout_s=one["exec_timeout_s"], currency=document["currency"], amount=settings.month(one),
    )  # fmt: skip


def whole_sentence(document: Mapping[str, Any]) -> str | None:
    """Say that no timeouts keep the service whole, and what would; None where some do, or it is not known."""
    if document["keeps_whole"] is not False:
        return None
    lost = settings.percent(document["safest"]["undelivered_share"])
    currency = document["currency"]
    would = [
        _("{change} ({flags}), at an idle timeout of {idle_timeout_s:g} s: {share} for {currency} {amount}").format(
            change=translated(one["change"]),
            flags=one["flags"],
            idle_timeout_s=one["idle_timeout_s"],
            share=settings.percent(one["undelivered_share"]),
            currency=currency,
            amount=settings.month(one),
        )
        for one in document["levers"]
        if one.get("undelivered_share") is not None and Decimal(one["undelivered_share"]) <= Decimal("0.01")
    ]
    text = _("No timeouts keep this service whole: even the safest leave {lost} of the messages undelivered.").format(
        lost=lost
    )
    return (
        _("{text} What would: {would}.").format(text=text, would=_("; ").join(would))
        if would
        else _("{text} Nothing that was tried would.").format(text=text)
    )


def changes(document: Mapping[str, Any]) -> bool:
    """Whether other timeouts than the present ones are to be deployed: not where none keep the service whole."""
    if document["keeps_whole"] is False:
        return False
    chosen, current = document["recommended"], document["current"]
    return chosen is not None and any(chosen[one] != current[one] for one in ("idle_timeout_s", "exec_timeout_s"))


def markdown(document: Mapping[str, Any]) -> str:
    """Return a recommendation as Markdown."""
    header, rows, *_marked = table_of(document)
    parts = [_("## Recommended setting"), escape(headline(document))]
    parts += [table(header, rows), *(f"- {escape(text)}" for text in recommendation_notes.notes(document))]
    if changes(document):
        parts += [f"```sh\n{document['deploy']['tccli']}\n```"]
    return "\n\n".join(parts) + "\n"


def deploy_script(document: Mapping[str, Any]) -> str:
    """Return what a shell runs to deploy the setting: one command, and what it does as comments."""
    text = f"# {headline(document)}\n"
    if not changes(document):
        return text + _("# nothing is to be deployed") + "\n"
    function = "" if document["deploy"]["function"] else _("# FUNCTION stands for the name of the function") + "\n"
    return f"{text}{function}{document['deploy']['tccli']}\n"
