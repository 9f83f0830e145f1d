"""`scfcost price`: what known quantities cost, without a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from scfcost.cli import options
from scfcost.cli.output import deliver, form_for
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.billing.terms import Terms

_QUANTITIES = "Quantities of a month"
_Number = str | None

MATTER = (
    "gbs",
    "calls",
    "egress_gb",
    "connection_minutes",
    "messages",
    "quantity",
    "catalog",
    "region",
    "plan",
    "format",
)
"""Parameters that the short help shows."""


def _quantity(text: str) -> Any:
    return Annotated[_Number, typer.Option(help=text, rich_help_panel=_QUANTITIES)]


def price(
    gbs: _quantity("Resource usage, in GB-seconds.") = None,  # type: ignore[valid-type]
    calls: _quantity("Calls, or requests.") = None,  # type: ignore[valid-type]
    egress_gb: _quantity("Traffic to clients, in GB of 1024³ bytes, or such as 980MB.") = None,  # type: ignore[valid-type]
    duration_ms: _quantity("How long each of --calls takes, in ms: with --memory, in place of --gbs.") = None,  # type: ignore[valid-type]
    memory: Annotated[
        int | None, typer.Option(min=1, help="Memory of each of --calls, in MB.", rich_help_panel=_QUANTITIES)
    ] = None,
    connection_minutes: _quantity("Minutes of open connections.") = None,  # type: ignore[valid-type]
    messages: _quantity("Messages, as the provider counts them.") = None,  # type: ignore[valid-type]
    message_bytes: Annotated[
        int | None,
        typer.Option(
            min=0, help="Size of each of --messages, where the provider counts by size.", rich_help_panel=_QUANTITIES
        ),
    ] = None,
    quantity: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METER=VALUE",
            help="Quantity of any meter of the price book, as `scfcost catalog show` names and counts it; repeatable.",
            rich_help_panel=_QUANTITIES,
        ),
    ] = None,
    function_type: options.FunctionTypeOption = None,
    region: options.Region = None,
    plan: Annotated[
        str | None,
        typer.Option(
            help="payg, free, trial, a package, or all of them. [default: the book's]", rich_help_panel="Prices"
        ),
    ] = None,
    catalog: options.Catalog = None,
    pricing_date: options.PricingDate = None,
    traffic_rule: options.TrafficRuleOption = None,
    traffic_price: options.TrafficPrice = None,
    round_up: Annotated[
        bool,
        typer.Option(
            "--round-up",
            help="Round what is charged up to whole priced units, where some pages of the provider do.",
            rich_help_panel="Prices",
        ),
    ] = False,
    config: options.ConfigFile = None,
    output: options.Output = None,
    format: options.FormatOption = None,  # noqa: A002
) -> None:
    """Price known quantities of a month: what a bill or a console says was used, under one plan or all of them.

    scfcost price --gbs 1250 --calls 30000 --egress-gb 0.98 --plan all

    scfcost price --catalog aws-lambda --calls 3000000 --duration-ms 120 --memory 1536 --plan free

    scfcost price --catalog aws-apigateway --connection-minutes 100000 --messages 2000000 --message-bytes 3072
    """
    given = {"output": output, "format": format}
    form = form_for("price", given)
    short = {
        "gbs": gbs, "calls": calls, "egress_gb": egress_gb, "connection_minutes": connection_minutes,
        "messages": messages,
    }  # fmt: skip
    flags = {
        "region": region, "plan": plan, "catalog": catalog, "pricing_date": pricing_date, "traffic_rule": traffic_rule,
        "traffic_price": traffic_price, "function_type": function_type, "config": config,
    }  # fmt: skip
    document = _priced(short, quantity or (), flags, _Each(duration_ms, memory, message_bytes, round_up=round_up))
    deliver(document, form, given)


class _Each(NamedTuple):
    """What is said of each call and of each message, and how a month is rounded."""

    duration_ms: str | None
    memory_mb: int | None
    message_bytes: int | None
    round_up: bool


def _priced(
    short: Mapping[str, str | None], named: Sequence[str], flags: Mapping[str, Any], each: _Each
) -> dict[str, Any]:
    from dataclasses import replace

    from scfcost.billing.quantities import ALL
    from scfcost.billing.quantities import price as run
    from scfcost.cli.inputs import pricing_of, settings_of

    settings = settings_of(flags)
    pricing = replace(pricing_of(settings), round_up=each.round_up)
    terms = (replace(pricing, plan=None) if pricing.plan == ALL else pricing).terms()
    meters = {meter.flag: meter.name for meter in terms.meters if meter.flag}
    quantities: dict[str, Decimal] = {}
    for flag, text in short.items():
        if text is None:
            continue
        option = f"--{flag.replace('_', '-')}"
        if flag not in meters:
            where = f"`scfcost catalog show {terms.book.name}` lists its meters"
            raise ConfigError(f"{option}: {terms.book.name} has no such meter; {where}, for --quantity METER=VALUE")
        _add(quantities, meters[flag], text, option)
    _multiply(quantities, meters, terms, each)
    for one in named:
        name, sign, text = one.partition("=")
        if not sign:
            raise ConfigError(f"--quantity: {one!r} is not METER=VALUE, such as egress=0.98")
        _add(quantities, name.strip(), text, f"--quantity {name.strip()}")
    if not quantities:
        raise ConfigError(
            "nothing to price: give a quantity, such as --gbs 1250 --calls 30000, or --quantity METER=VALUE"
        )
    return run(quantities, pricing, function_type=settings.function().function_type).to_dict()


def _multiply(quantities: dict[str, Decimal], meters: Mapping[str, str], terms: Terms, each: _Each) -> None:
    """Put what is said of each call and each message on the meters of the book."""
    from scfcost.billing.from_calls import gbs_of_calls, units_of_messages

    if each.message_bytes is not None:
        if meters.get("messages") not in quantities:
            raise ConfigError("--message-bytes: say how many messages there are, with --messages")
        counted = units_of_messages(terms, quantities[meters["messages"]], each.message_bytes)
        quantities[meters["messages"]] = counted
    if each.duration_ms is None and each.memory_mb is None:
        return
    if each.duration_ms is None or each.memory_mb is None or meters.get("calls") not in quantities:
        raise ConfigError("GB-seconds of calls need --calls, --duration-ms and --memory together")
    if "gbs" not in meters:
        raise ConfigError(f"--duration-ms: {terms.book.name} meters no GB-seconds: leave it and --memory out")
    milliseconds: dict[str, Decimal] = {}
    _add(milliseconds, "ms", each.duration_ms, "--duration-ms")
    if meters["gbs"] in quantities:
        raise ConfigError("--duration-ms: --gbs says the same: give one of them")
    used = gbs_of_calls(terms, quantities[meters["calls"]], milliseconds["ms"], each.memory_mb)
    quantities[meters["gbs"]] = used


def _add(quantities: dict[str, Decimal], name: str, text: str, option: str) -> None:
    from scfcost.cli.stated import stated

    if name in quantities:
        raise ConfigError(f"{option}: {name} is given twice")
    quantities[name] = stated(text, option)
