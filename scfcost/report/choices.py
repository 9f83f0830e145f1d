"""Sweeps, recommendations, comparisons, checks and differences as rows and sentences, for every form of output."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.text import SafeWriter
from scfcost.report import words
from scfcost.report.markdown import escape, table

MARKER = "<!-- scfcost-diff -->"
"""Hidden first line of a difference in Markdown, by which a comment of a pull request can be found and updated."""
AXES = ("memory_mb", "max_concurrency", "reconnect", "heartbeat_s")
"""Columns of a setting beside its timeouts; those that vary are shown."""
_AXIS = {
    "memory_mb": "memory",
    "max_concurrency": "connections an instance",
    "reconnect": "reconnect",
    "heartbeat_s": "heartbeat",
}
NOTICED = "cuts noticed"
"""Title of the cuts after which a message is lost, missed or late."""
GIVES_WAY = ("reconnects", NOTICED, "late", "not delivered")
"""Titles of the columns that give way where there is no room, the first first."""
STRATEGIES = ("cheapest", "balanced", "safest")
_SHOWN = 12
"""Settings of a sweep that are shown. [1]"""


def varying(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the axes beside the timeouts in which some settings differ."""
    return [name for name in AXES if len({row.get(name) for row in rows}) > 1]


def shared(rows: Sequence[Mapping[str, Any]]) -> str:
    """Name what some settings have in common beside the timeouts."""
    same = [name for name in AXES if name not in varying(rows) and rows and rows[0].get(name) is not None]
    return " · ".join(f"{translated(_AXIS[name])} {_cell(name, rows[0][name])}" for name in same)


def setting_table(
    rows: Sequence[Mapping[str, Any]],
    currency: str,
    titles: Sequence[str] = (),
    axes: Sequence[str] | None = None,
    *,
    without_idle: bool = False,
) -> tuple[list[str], list[list[str]]]:
    """Return settings as a header and rows: their timeouts, every axis that varies, the month and what people notice.

    Parameters
    ----------
    rows : sequence of mapping
        Settings as rows of a sweep.
    currency : str
        Currency of their amounts.
    titles : sequence of str
        What each setting is called, where it has a name.
    axes : sequence of str, optional
        The axes that are shown; those that vary otherwise.
    without_idle : bool
        Whether the settings have no idle timeout, as those of requests and events.
    """
    axes = varying(rows) if axes is None else axes
    silent = any("monthly_amount_low" in row or "amount_low" in row for row in rows)
    timeouts = {"idle_timeout_s": "idle timeout", "exec_timeout_s": "execution timeout"}
    if without_idle:
        del timeouts["idle_timeout_s"]
    timeouts = {name: title for name, title in timeouts.items() if any(row[name] is not None for row in rows)}
    header = [*(("setting",) if titles else ()), *timeouts.values(), *(_AXIS[one] for one in axes)]
    month = _("month, {currency}").format(currency=currency)
    if silent:
        header += [_("{month}, low").format(month=month), "point", "high"]
    else:
        header += [month, NOTICED, "reconnects", "not delivered", "late"]
    body = []
    for place, row in enumerate(rows):
        cells = [titles[place]] if titles else []
        cells += [f"{row[name]:g} s" for name in timeouts]
        cells += [_cell(name, row.get(name)) for name in axes]
        body.append([*cells, *(_ends(row) if silent else _outcome(row))])
    return header, body


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "none"
    return (
        {"memory_mb": f"{value:,} MB", "heartbeat_s": f"{value:g} s"}[name]
        if name.endswith(("mb", "_s"))
        else (f"{value}")
    )


def _month(row: Mapping[str, Any], end: str = "") -> str:
    amount = row.get(f"monthly_amount{end}")
    return words.money(str(row[f"amount{end}"] if amount is None else amount))


def _ends(row: Mapping[str, Any]) -> list[str]:
    ends = ("_low", "", "_high") if "amount_low" in row else ("", "", "")
    return [_month(row, end) for end in ends]


def _outcome(row: Mapping[str, Any]) -> list[str]:
    if row["cut_harmful"] is None:
        return [_month(row), *[words.NOT_KNOWN] * 4]
    lost = row["messages_lost"] + row["pushes_missed"]
    numbers = (row["cut_harmful"], row["reconnects"], lost, row["messages_delayed"])
    shares = [row.get(name) for name in ("undelivered_share", "late_share")]
    shown = [f"{number:,}" for number in numbers]
    shown[2:] = [text if share is None else percent(share) for text, share in zip(shown[2:], shares, strict=True)]
    return [_month(row), *shown]


def percent(share: str) -> str:
    """Show a share as per cent; what is not nothing never reads 0 %.

    Examples
    --------
    >>> percent("0.037831"), percent("0"), percent("0.000001")
    ('3.78 %', '0 %', '< 0.01 %')
    """
    value = Decimal(share) * 100
    if value and value < Decimal("0.01"):
        return "< 0.01 %"
    return f"{value:.2f} %" if value else "0 %"


def sweep_title(document: Mapping[str, Any]) -> str:
    """Say how many settings there are, and which are shown."""
    rows = document["rows"]
    if _silent(document):
        shown = sweep_rows(document)
        some = "" if len(shown) == len(rows) else _(", {shown} of them here").format(shown=len(shown))
        return _("{rows:,} settings{some}, each between low and high: silences are not known").format(
            rows=len(rows), some=some
        )
    unbeaten = _unbeaten(document)
    shown, whole = thinned(unbeaten, _SHOWN), len(unbeaten)
    some = _("{shown} of the {whole:,}").format(shown=len(shown), whole=whole) if whole > len(shown) else f"{whole}"
    text = _("{rows:,} settings; {some} that nothing beats in both cost and messages lost or late")
    if without_idle(document):
        text = _("{rows:,} settings; {some} that nothing beats in both cost and requests that are cut")
    text = text.format(rows=len(rows), some=some)
    return _("{text} (costs are the known part)").format(text=text) if _known_part(document) else text


def _silent(document: Mapping[str, Any]) -> bool:
    return any(one["what"] == "silences" for one in document["not_known"])


def _known_part(document: Mapping[str, Any]) -> bool:
    return any(one["what"] in ("price", "bytes") for one in document["not_known"])


def sweep_rows(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the settings of a sweep that are shown: some of those that nothing beats in cost and harm."""
    return thinned(document["rows"] if _silent(document) else _unbeaten(document), _SHOWN)


def _unbeaten(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = document["rows"]
    best: int | None = None
    kept = []
    harm = _cut if without_idle(document) else noticed
    for _cost, missed, place in sorted((_amount(row), harm(row), place) for place, row in enumerate(rows)):
        if best is None or missed < best:
            best = missed
            kept.append(rows[place])
    return kept


def noticed(row: Mapping[str, Any]) -> int:
    """Count the messages of a setting that are lost, missed or late."""
    return int(row["messages_lost"] + row["pushes_missed"] + row["messages_delayed"])


def _cut(row: Mapping[str, Any]) -> int:
    return int(row["cut_harmful"] + row["cut_harmless"])


def _amount(row: Mapping[str, Any]) -> Decimal:
    return Decimal(row["amount"] if row["monthly_amount"] is None else row["monthly_amount"])


def sweep_markdown(document: Mapping[str, Any]) -> str:
    """Return some settings of a sweep as Markdown."""
    rows = sweep_rows(document)
    shown = setting_table(rows, document["currency"], without_idle=without_idle(document))
    parts = [sweep_title(document), table(*shown), shared(rows)]
    parts += [f"> {escape(translated(one['message']))}" for one in document["not_known"]]
    return "\n\n".join(part for part in parts if part) + "\n"


def sweep_csv(document: Mapping[str, Any]) -> str:
    """Return every setting of a sweep as CSV, exact; what is not known is empty."""
    text = io.StringIO()
    writer = SafeWriter(text)
    writer.writerow(document["rows"][0])
    writer.writerows(row.values() for row in document["rows"])
    return text.getvalue()


def recommendation_table(document: Mapping[str, Any]) -> tuple[list[str], list[list[str]], int | None]:
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
    header, body = setting_table(rows, money_title(document), titles, axes=(), without_idle=without_idle(document))
    return header, body, marked


def without_idle(document: Mapping[str, Any]) -> bool:
    """Whether a sweep or recommendation is of requests or events, which have no idle timeout."""
    return bool(document.get("function_type", "web-ws") != "web-ws")


def money_title(document: Mapping[str, Any]) -> str:
    """Name the currency of a document's months, and that they are a part where not all is known."""
    return f"{document['currency']}{' (known part)' if _known_part(document) else ''}"


def headline(document: Mapping[str, Any]) -> str:
    """Say in a sentence what to set, what it costs and what people notice."""
    chosen, current, currency = document["recommended"], document["current"], document["currency"]
    if chosen is None:
        return _no_setting(document)
    if chosen["cut_harmful"] is None:
        low, high = (_month(current, end) for end in ("_low", "_high"))
        part = _(", as far as its price is known") if _known_part(document) else ""
        ends = low if low == high else _("{low} to {high}").format(low=low, high=high)
        return _("The timeouts stay as they are: a month costs {currency} {ends}{part}.").format(
            currency=currency, ends=ends, part=part
        )
    if (whole := whole_sentence(document)) is not None:
        lost, now = (percent(row["undelivered_share"]) for row in (chosen, current))
        timeouts = _("{idle_timeout_s:g} s and {exec_timeout_s:g} s").format(
            idle_timeout_s=chosen["idle_timeout_s"], exec_timeout_s=chosen["exec_timeout_s"]
        )
        text = _("Among timeouts alone, {strategy} are {timeouts}, for {currency} {amount} a month").format(
            strategy=translated(document["strategy"]), timeouts=timeouts, currency=currency, amount=_month(chosen)
        )
        return _("{whole} {text}: {lost} undelivered, now {now}.").format(whole=whole, text=text, lost=lost, now=now)
    same = all(chosen[name] == current[name] for name in ("idle_timeout_s", "exec_timeout_s"))
    months = _("{currency} {amount} a month").format(currency=currency, amount=_month(chosen))
    months += "" if same else _(", now {amount}").format(amount=_month(current))
    months += _(" (the known part)") if _known_part(document) else ""
    return _change(same=same, idle=not without_idle(document)).format(
        idle_timeout_s=chosen["idle_timeout_s"],
        exec_timeout_s=chosen["exec_timeout_s"],
        strategy=translated(document["strategy"]),
        months=months,
        reached=_unreached(chosen, None if same else current, requests=without_idle(document)),
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
    lost = percent(chosen["undelivered_share"])
    if requests:
        now = lost if current is None else percent(current["undelivered_share"])
        return _("{lost} of the requests are cut, now {now}").format(lost=lost, now=now)
    if current is None:
        return _("{lost} of the messages reach nobody").format(lost=lost)
    numbers = [row["messages_lost"] + row["pushes_missed"] for row in (chosen, current)]
    if numbers[0] == numbers[1]:
        return _("{lost} of the messages reach nobody, as many as now").format(lost=lost)
    if (now := percent(current["undelivered_share"])) != lost:
        return _("{lost} of the messages reach nobody, now {now}").format(lost=lost, now=now)
    return _("{messages} ({lost}) reach nobody, now {now:,}").format(
        messages=words.counted(numbers[0], "message"), lost=lost, now=numbers[1]
    )


def _no_setting(document: Mapping[str, Any]) -> str:
    nearest = document["nearest"]
    if any(one["what"] == "price" for one in document["not_known"]):
        return _("No setting is put forward: a price is not known, and nothing is compared by a part of its cost.")
    if _silent(document):
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
    month = _("{currency} {amount} a month").format(currency=document["currency"], amount=_month(nearest))
    if without_idle(document):
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
    would = [_would(one, document["currency"]) for one in document["levers"]]
    kept = _("{text} What would keep to it, each alone: {would}.").format(text=text, would=_("; ").join(would))
    none = _(
        "{text} Nothing else that was tried keeps to it: what clients do after a cut, a heartbeat, more connections an "
        "instance, another plan."
    )
    if would:
        return kept
    return (_("{text} Nothing else that was tried keeps to it.") if without_idle(document) else none).format(text=text)


def _would(one: Mapping[str, Any], currency: str) -> str:
    """Name a change with its flags, the timeouts it goes with, and what it costs."""
    text = _(
        "{change} ({flags}), at timeouts of {idle_timeout_s:g} s and {exec_timeout_s:g} s, {currency} {amount} a month"
    )
    return text.format(
        change=translated(one["change"]), flags=one["flags"], idle_timeout_s=one["idle_timeout_s"],
        exec_timeout_s=one["exec_timeout_s"], currency=currency, amount=_month(one),
    )  # fmt: skip


def whole_sentence(document: Mapping[str, Any]) -> str | None:
    """Say that no timeouts keep the service whole, and what would; None where some do, or it is not known."""
    if document["keeps_whole"] is not False:
        return None
    lost = percent(document["safest"]["undelivered_share"])
    currency = document["currency"]
    would = [
        _("{change} ({flags}), at an idle timeout of {idle_timeout_s:g} s: {share} for {currency} {amount}").format(
            change=translated(one["change"]),
            flags=one["flags"],
            idle_timeout_s=one["idle_timeout_s"],
            share=percent(one["undelivered_share"]),
            currency=currency,
            amount=_month(one),
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


def recommendation_notes(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield why this setting, how sure its month is, and what else there is to choose."""
    yield from (translated(one) for one in (*document["reasons"], *document["binding"]))
    yield from lever_sentences(document)
    if document["interval_80"]:
        low, high = document["interval_80"]
        between = _("{low} and {high}").format(low=words.money(low, document["currency"]), high=words.money(high))
        between += _(" (the known part)") if _known_part(document) else ""
        yield _("80 % of months with other sessions of this kind cost between {between}").format(between=between)
    yield from (words.not_known(one) for one in document["not_known"])
    if document.get("elsewhere"):
        yield translated(document["elsewhere"]["text"])
    yield from instance_sentences(document)
    if plans := list(plan_sentences(document)):
        part = _(" (the known part)") if _known_part(document) else ""
        yield _("plans for such a month{part}: {plans}").format(plans=_("; ").join(plans), part=part)
    if document["balanced"] is not None:
        yield _("balanced: a tenth of what is lost or late is worth {worth} times the money (--worth)").format(
            worth=document["worth"]
        )


def lever_sentences(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what changes more than timeouts, and which of it costs messages, or brings nothing here."""
    chosen, told = document["recommended"], ([], [], [])  # type: tuple[Any, tuple[list[str], list[str], list[str]]]
    if chosen is None:  # what keeps to the limits stands in the headline
        return
    for one in document["levers"]:
        text = f"{translated(one['name'])}{_(': ')}{translated(one['change'])} ({one['flags']})"
        dearer, worse = _amount(one) - _amount(chosen), noticed(one) - noticed(chosen)
        if worse >= 0 and dearer >= 0:
            told[2].append(translated(one["name"]))
        elif worse > 0 and not _is_bearable(one):
            told[1].append(
                _("{text}, {undelivered_share} of the messages reach nobody").format(
                    text=text, undelivered_share=percent(one["undelivered_share"])
                )
            )
        else:
            told[0].append(text)
    titles = (
        _("what changes more than timeouts, each alone, at the timeouts of its row"),
        _("cheaper, but at the price of messages"),
        _("neither cheaper nor better for people here"),
    )
    yield from (f"{title}{_(': ')}{_('; ').join(texts)}" for title, texts in zip(titles, told, strict=True) if texts)


def _is_bearable(row: Mapping[str, Any]) -> bool:
    return Decimal(row["undelivered_share"]) + Decimal(row["late_share"]) <= Decimal("0.01")


def plan_sentences(document: Mapping[str, Any], most: int = 3) -> Iterator[str]:
    """Say what the cheapest plans would cost, and from which usage a package pays.

    Parameters
    ----------
    document : mapping
        The plain data of `Recommendation.to_dict`.
    most : int
        How many plans are named, the cheapest first. [1]
    """
    for plan in document["plans"][:most]:
        pays = (
            ""
            if plan["pays_from_gbs"] is None
            else _(" (pays for itself from {pays_from_gbs:,} GBs a month)").format(
                pays_from_gbs=int(plan["pays_from_gbs"])
            )
        )
        name = _("pay as you go (payg)") if plan["plan"] == "payg" else plan["plan"]
        yield f"{name} {words.money(plan['total'], document['currency'])}{pays}"


def instance_sentences(document: Mapping[str, Any]) -> Iterator[str]:
    """Say how many connections an instance should hold with which memory, and how many to start in advance."""
    currency = document["currency"]
    for one in document["sharings"][:1]:
        others = [
            _("{max_concurrency} with {memory_mb:,} MB {amount}").format(
                max_concurrency=other["max_concurrency"],
                memory_mb=other["memory_mb"],
                amount=words.money(other["amount"]),
            )
            for other in document["sharings"][1:4]
        ]
        more = _("; then {others}").format(others=", ".join(others)) if others else ""
        held = words.counted(one["max_concurrency"], "connection")
        yield (
            _(
                "cheapest for these timeouts: {held} an instance of {memory_mb:,} MB, {amount} a month{more} "
                "(whichever instance takes a connection)"
            ).format(held=held, memory_mb=one["memory_mb"], amount=words.money(one["amount"], currency), more=more)
        )
    found = document["provisioning"]
    if found is not None:
        verdict = "" if found["meets"] else _(", which no number of them brings down to what was asked")
        yield (
            _(
                "{instances} (--provisioned {number}) leave {cold_share:.2%} cold starts "
                "({cold_starts:,}){verdict}: {amount} a month, {amount_without} without"
            ).format(
                instances=words.counted(found["number"], "provisioned instance"),
                number=found["number"],
                cold_share=found["cold_share"],
                cold_starts=found["cold_starts"],
                verdict=verdict,
                amount=words.money(found["amount"], currency),
                amount_without=words.money(found["amount_without"]),
            )
        )


def recommendation_markdown(document: Mapping[str, Any]) -> str:
    """Return a recommendation as Markdown."""
    header, rows, *_marked = recommendation_table(document)
    parts = [_("## Recommended setting"), escape(headline(document))]
    parts += [table(header, rows), *(f"- {escape(text)}" for text in recommendation_notes(document))]
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


def comparisons(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each setting that was compared with servers, by its name."""
    for name in ("current", "recommended"):
        if name in document:
            one = document[name]
            timeouts = one["setting"]
            shown = _("idle timeout {idle_timeout_s:g} s, execution timeout {exec_timeout_s:g} s").format(
                idle_timeout_s=timeouts["idle_timeout_s"], exec_timeout_s=timeouts["exec_timeout_s"]
            )
            yield f"{translated(name)} ({shown})", one


def compare_sentences(title: str, document: Mapping[str, Any]) -> list[str]:
    """Say what the platform and plain servers cost, which is cheaper where both deliver, and where they meet.

    Parameters
    ----------
    title : str
        What the setting is called.
    document : mapping
        The plain data of `Comparison.to_dict`.
    """
    currency = document["currency"]
    low, high = document["platform_low"], document["platform_high"]
    month = words.money(document["platform_monthly"], currency)
    if high is None:
        month = _("{low} (the known part)").format(low=words.money(low, currency))
    elif low != high:
        month = _("{low} to {high}").format(low=words.money(low, currency), high=words.money(high))
    servers = f"{words.counted(document['servers'], 'server')} {words.money(document['server_monthly'], currency)}"
    verdict = (
        _("the {cheaper} is cheaper").format(cheaper=translated(document["cheaper"]))
        if document["cheaper"]
        else _("no verdict: {reason}").format(reason=_open(document))
    )
    lines = [
        _("{title}: platform {month} a month, {servers}: {verdict}").format(
            title=title, month=month, servers=servers, verdict=verdict
        )
    ]
    if None not in (document["break_even_hours"], document["cheaper"], high):
        lines.append(
            _(
                "both cost the same at {break_even_hours} connection-hours a month ({break_even_connections} "
                "connections always open); this trace has {connection_hours}"
            ).format(
                break_even_hours=words.quantity(document["break_even_hours"], 1),
                break_even_connections=words.quantity(document["break_even_connections"], 1),
                connection_hours=words.quantity(document["connection_hours"], 1),
            )
        )
    return lines


def _open(document: Mapping[str, Any]) -> str:
    if document["platform_high"] is None:
        return _("not all of the platform's month is known")
    if document["reason"]:
        return translated(document["reason"])
    return _("the servers cost something between the platform's ends")


def comparisons_markdown(document: Mapping[str, Any]) -> str:
    """Return the platform against plain servers as Markdown."""
    lines = [line for title, one in comparisons(document) for line in compare_sentences(title, one)]
    lines += [words.not_known(one) for one in document["not_known"]]
    return "\n".join(f"- {escape(line)}" for line in lines) + "\n"


CHECK_HEADER = ("limit", "asked", "found", "verdict")
"""Header of `check_rows`."""


def check_title(document: Mapping[str, Any]) -> str:
    """Say what the check comes to, and what the month costs as far as that is known."""
    verdicts = {"kept": _("All limits are kept"), "broken": _("Broken"), "not judged": _("Not judged")}
    title = verdicts[document["verdict"]]
    month = words.money(document["monthly"], document["currency"])
    if any(one["what"] in ("price", "bytes") for one in document["not_known"]):
        month = _("{month} as far as it is known").format(month=month)
    elif any(one["what"] == "silences" for one in document["not_known"]):
        month = _("{month} at a point between low and high").format(month=month)
    elif any(one["what"] == "lives" for one in document["not_known"]):
        month = _("{month} at least").format(month=month)
    return _("{title}; the month costs {month}").format(title=title, month=month)


def check_notes(document: Mapping[str, Any]) -> list[str]:
    """Say what keeps the settings from delivering, whatever limits they keep."""
    said = _("at these settings {text}")
    if document["verdict"] == "kept":
        said = _("no limit that was given bounds this (--max-lost, --max-missed): {text}")
    return [said.format(text=translated(text)) for text in document["shortfalls"]]


def check_remedies(document: Mapping[str, Any]) -> Iterator[str]:
    """Say what would keep to each limit that is broken, and what would tell of each that is not judged."""
    for one in document["limits"]:
        if one["remedy"]:
            yield _("{limit}: what would keep to it: {remedy}").format(
                limit=translated(one["what"]), remedy=translated(one["remedy"])
            )
        if one["would_judge"]:
            yield _("{limit}: what would tell: {what}").format(
                limit=translated(one["what"]), what=_("; ").join(map(translated, one["would_judge"]))
            )


def check_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield each limit, what it was held against, and the verdict."""
    for one in document["limits"]:
        asked, found = (_limit(one[name], one["limit"]) for name in ("asked", "found"))
        yield [one["what"], _("at most {asked}").format(asked=asked), found, one["verdict"]]


def _limit(value: str | None, limit: str) -> str:
    if value is None:
        return words.NOT_KNOWN
    return words.money(value) if limit in ("budget", "worst_case") else value


def check_markdown(document: Mapping[str, Any]) -> str:
    """Return a check as Markdown."""
    notes = "".join(f"{escape(text)}\n\n" for text in check_notes(document))
    helps = "".join(f"\n- {escape(text)}" for text in check_remedies(document))
    return f"**{check_title(document)}**\n\n{notes}{table(CHECK_HEADER, check_rows(document))}\n{helps}".rstrip() + "\n"


DIFF_HEADER = ("figure", "base", "head", "change", "%")
"""Header of `diff_rows`."""


def diff_title(document: Mapping[str, Any]) -> str:
    """Say how the month changes."""
    base, head = (words.money(document[key], document["currency"]) for key in ("base_monthly", "head_monthly"))
    change = f" ({document['percent']})" if document["percent"] else ""
    return _("{base} → {head} a month{change}").format(base=base, head=head, change=change)


def diff_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the figures that differ."""
    for one in document["differences"]:
        yield [one["name"], one["base"] or "–", one["head"] or "–", one["change"], one["percent"]]


def diff_notes(document: Mapping[str, Any]) -> list[str]:
    """Say what the months do not hold."""
    return [_("the months are no verdict: {text}").format(text=translated(text)) for text in document["not_known"]]


def diff_markdown(document: Mapping[str, Any]) -> str:
    """Return a difference as Markdown, with a hidden marker in its first line."""
    rows = list(diff_rows(document))
    body = table(DIFF_HEADER, rows) if rows else _("No figure differs.")
    notes = "".join(f"\n> {escape(text)}\n" for text in diff_notes(document))
    return f"{MARKER}\n## {_('Cost difference')}\n\n**{diff_title(document)}**\n\n{body}\n{notes}"


def thinned(rows: Sequence[Any], most: int) -> list[Any]:
    """Keep at most so many rows, both ends among them.

    Parameters
    ----------
    rows : sequence
        k rows in their order.
    most : int
        How many are kept, at least 2. [1]
    """
    if len(rows) <= most:
        return list(rows)
    return [rows[round(k * (len(rows) - 1) / (most - 1))] for k in range(most)]
