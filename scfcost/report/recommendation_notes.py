"""What stands under a recommendation: why, how sure its month is, and what else there is to choose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from scfcost.core.language import _, translated
from scfcost.report import settings, words


def notes(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield why this setting, how sure its month is, and what else there is to choose."""
    yield from (translated(one) for one in (*document["reasons"], *document["binding"]))
    yield from lever_sentences(document)
    if document["interval_80"]:
        low, high = document["interval_80"]
        between = _("{low} and {high}").format(low=words.money(low, document["currency"]), high=words.money(high))
        between += _(" (the known part)") if settings.is_part(document) else ""
        yield _("80 % of months with other sessions of this kind cost between {between}").format(between=between)
    yield from (words.not_known(one) for one in document["not_known"])
    if document.get("elsewhere"):
        yield translated(document["elsewhere"]["text"])
    yield from instance_sentences(document)
    if plans := list(plan_sentences(document)):
        part = _(" (the known part)") if settings.is_part(document) else ""
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
        dearer, worse = settings.amount(one) - settings.amount(chosen), settings.noticed(one) - settings.noticed(chosen)
        if worse >= 0 and dearer >= 0:
            told[2].append(translated(one["name"]))
        elif worse > 0 and not _is_bearable(one):
            told[1].append(
                _("{text}, {undelivered_share} of the messages reach nobody").format(
                    text=text, undelivered_share=settings.percent(one["undelivered_share"])
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
