"""Sweeps, recommendations, comparisons and differences as rows and sentences, for every form of output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scfcost.report import words

MARKER = "<!-- scfcost-diff -->"
"""Hidden first line of a difference in Markdown, by which a comment of a pull request can be found and updated."""
SETTING_HEADER = (
    "idle timeout",
    "execution timeout",
    "memory",
    "month",
    "harmful cuts",
    "harmless",
    "reconnects",
    "undelivered",
)
"""Header of the rows that `setting_row` makes."""


def setting_row(row: Mapping[str, Any]) -> list[str]:
    """Return one setting of a sweep as cells."""
    amount = row["monthly_amount"] if row["monthly_amount"] is not None else row["amount"]
    undelivered = row["messages_lost"] + row["messages_delayed"] + row["pushes_missed"]
    return [
        f"{row['idle_timeout_s']:g} s",
        f"{row['exec_timeout_s']:g} s",
        f"{row['memory_mb']:,} MB",
        words.money(str(amount)),
        f"{row['cut_harmful']:,}",
        f"{row['cut_harmless']:,}",
        f"{row['reconnects']:,}",
        f"{undelivered:,}",
    ]


def recommendation_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the present, recommended and neighbouring settings, each with its name."""
    for title, key in (
        ("current", "current"),
        ("recommended", "recommended"),
        ("next cheaper", "next_cheaper"),
        ("next safer", "next_safer"),
    ):
        if document[key] is not None:
            yield title, setting_row(document[key])


def headline(document: Mapping[str, Any]) -> str:
    """Say in a sentence what to set and what it saves."""
    chosen, current, currency = document["recommended"], document["current"], document["currency"]
    if chosen is None:
        return "No setting keeps to what was asked."
    month = chosen["monthly_amount"] or chosen["amount"]
    now = current["monthly_amount"] or current["amount"]
    return (
        f"Set the idle timeout to {chosen['idle_timeout_s']:g} s "
        f"and the execution timeout to {chosen['exec_timeout_s']:g} s: "
        f"{words.money(month, currency)} a month, now {words.money(now, currency)}."
    )


def heartbeat_sentence(document: Mapping[str, Any]) -> str | None:
    """Say what the heartbeat that keeps users connected would cost."""
    beat = document["heartbeat"]
    if beat is None:
        return None
    keeps = "" if beat["keeps_to_constraints"] else ", which still breaks what was asked"
    return (
        f"a heartbeat every {beat['heartbeat_s']:g} s with an idle timeout of {beat['idle_timeout_s']:g} s leaves "
        f"{beat['cut_harmful']:,} harmful cuts for {words.money(beat['monthly_amount'], document['currency'])} "
        f"a month{keeps}"
    )


def plan_sentences(document: Mapping[str, Any], most: int = 3) -> Iterator[str]:
    """Say what the cheapest plans would cost, and from which usage a package pays."""
    for plan in document["plans"][:most]:
        pays = "" if plan["pays_from_gbs"] is None else f" (pays alone from {int(plan['pays_from_gbs']):,} GBs a month)"
        yield f"{plan['plan']} {words.money(plan['total'], document['currency'])}{pays}"


def instance_sentences(document: Mapping[str, Any]) -> Iterator[str]:
    """Say how many connections an instance should hold with which memory, and how many to start in advance."""
    currency = document["currency"]
    for one in document["sharings"][:1]:
        others = [
            f"{other['max_concurrency']} with {other['memory_mb']:,} MB {words.money(other['amount'])}"
            for other in document["sharings"][1:4]
        ]
        more = f"; then {', '.join(others)}" if others else ""
        held = words.counted(one["max_concurrency"], "connection")
        yield (
            f"cheapest for these timeouts: {held} an instance of {one['memory_mb']:,} MB, "
            f"{words.money(one['amount'], currency)} a month{more} (the dearer placement of two)"
        )
    found = document["provisioning"]
    if found is not None:
        verdict = "" if found["meets"] else ", which no number of them brings down to what was asked"
        yield (
            f"{words.counted(found['number'], 'provisioned instance')} (--provisioned {found['number']}) leave "
            f"{found['cold_share']:.2%} cold starts ({found['cold_starts']:,}){verdict}: "
            f"{words.money(found['amount'], currency)} a month, {words.money(found['amount_without'])} without"
        )


def compare_sentences(title: str, document: Mapping[str, Any]) -> list[str]:
    """Say what the platform and plain servers cost, and where they meet."""
    currency = document["currency"]
    servers = f"{document['servers']} server{'s' if document['servers'] > 1 else ''}"
    figures = (words.money(document["platform_monthly"], currency), words.money(document["server_monthly"], currency))
    both = f"platform {figures[0]} a month, {servers} {figures[1]}"
    lines = [f"{title}: {both}: the {document['cheaper']} is cheaper"]
    if document["break_even_hours"] is not None:
        lines.append(
            f"break-even at {words.quantity(document['break_even_hours'], 1)} connection-hours a month "
            f"({words.quantity(document['break_even_connections'], 1)} connections always open); "
            f"this trace has {words.quantity(document['connection_hours'], 1)}"
        )
    return lines


def diff_markdown(document: Mapping[str, Any]) -> str:
    """Return a difference as Markdown, with a hidden marker in its first line."""
    from scfcost.report.markdown import table

    base, head = document["base_monthly"], document["head_monthly"]
    title = f"**{words.money(base, document['currency'])} → {words.money(head, document['currency'])} a month**"
    rows = [[one["name"], one["base"] or "–", one["head"] or "–", one["change"]] for one in document["differences"]]
    body = table(("figure", "base", "head", "change"), rows) if rows else "No figure differs."
    return f"{MARKER}\n## Cost difference\n\n{title}\n\n{body}\n"


def recommendation_markdown(document: Mapping[str, Any]) -> str:
    """Return a recommendation as Markdown."""
    from scfcost.report.markdown import escape, table

    rows = [[title, *cells] for title, cells in recommendation_rows(document)]
    parts = ["## Recommended setting", headline(document), table(("setting", *SETTING_HEADER), rows)]
    parts += [f"- {escape(text)}" for text in (*document["reasons"], *document["binding"])]
    beat = heartbeat_sentence(document)
    parts += [f"- {beat}"] if beat else []
    parts += [f"- {text}" for text in instance_sentences(document)]
    parts += [f"- plans for such a month: {'; '.join(plan_sentences(document))}"]
    parts += [f"```sh\n{document['deploy']['tccli']}\n```"]
    return "\n\n".join(parts) + "\n"


def thinned(rows: Sequence[Any], most: int) -> list[Any]:
    """Keep at most so many rows, both ends among them."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(k * (len(rows) - 1) / (most - 1))] for k in range(most)]
