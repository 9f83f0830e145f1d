"""The recorded usage as rows of FOCUS, the FinOps Foundation's open form of a bill, marked as an estimate.

A row is one line item of one function in one clock hour. FOCUS knows no estimates; its way to say more is a column
whose name begins with `x_`. A price of several tiers gives a row a tier, so that every cost is quantity × unit price.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from scfcost.billing.meters import METERS, Meter
from scfcost.billing.terms import Terms
from scfcost.billing.tiers import split
from scfcost.core.money import EXACT, ZERO, plain, round_amount, tidy

VERSIONS = ("1.2", "1.4")
"""Versions of FOCUS that can be written."""
DECIMALS = 18
"""Decimals of a cost or quantity: what a decimal of 38 digits has room for; `x_UsageQuantity` stays exact. [1]"""
RENAMED = {"ProviderName": "ServiceProviderName", "PublisherName": "HostProviderName"}
"""Columns of 1.2 that have other names in 1.4."""
COSTS = ("ListCost", "ContractedCost", "BilledCost", "EffectiveCost")
DECIMAL_COLUMNS = (
    *COSTS, "ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "ConsumedQuantity",
)  # fmt: skip
"""Columns that hold decimals."""


def rows(
    hours: Iterable[Mapping[str, Any]], terms: Terms, *, function_types: Mapping[str, str], version: str = "1.2"
) -> Iterator[dict[str, Any]]:
    """Yield the rows of an export; their costs sum to the bill of the trace before rounding.

    Parameters
    ----------
    hours : iterable of mapping
        Usage by clock hour and function: `hour` (an aware datetime), `function` and the metered integers, in the order
        of time.
    terms : Terms
        Price book, period and region. No plan enters: allowances belong to a month.
    function_types : mapping of str to str
        Type of each function.
    version : {"1.2", "1.4"}
        Version of FOCUS.

    Yields
    ------
    dict
        A value a column: text, aware datetime, Decimal, int, or None. What has no known price is left out.
    """
    used = dict.fromkeys((meter.name for meter in METERS), ZERO)
    for hour in hours:
        for meter in METERS:
            quantity, rate = _metered(hour, meter), terms.rate(meter.name)
            if quantity == 0 or rate is None:
                continue
            before = used[meter.name]
            used[meter.name] = EXACT.add(before, _priced(meter, quantity))
            for start, end, unit_price in split(before, used[meter.name], rate):
                row = _row(hour, meter, terms, EXACT.subtract(end, start), unit_price, function_types[hour["function"]])
                yield {RENAMED.get(name, name) if version == VERSIONS[1] else name: row[name] for name in row}


def _metered(hour: Mapping[str, Any], meter: Meter) -> int:
    """Return what of a meter was used in an hour; the table of hours names calls by their sum. [1]"""
    columns = [meter.name] if meter.name in hour else [counter for counter in meter.counters if counter in hour]
    return sum(int(hour[column]) for column in columns)


def _priced(meter: Meter, quantity: int) -> Decimal:
    """Convert a metered integer into the units that are priced, exactly."""
    return tidy(EXACT.divide(Decimal(quantity), Decimal(meter.per_unit)))


def _row(
    hour: Mapping[str, Any], meter: Meter, terms: Terms, part: Decimal, unit_price: Decimal, function_type: str
) -> dict[str, Any]:
    book, begin, name = terms.book, hour["hour"], str(hour["function"])
    cost = EXACT.multiply(part, unit_price)
    consumed = EXACT.multiply(part, Decimal(meter.per_unit)) if meter.consumed_unit == meter.metered_unit else part
    return {
        **dict.fromkeys(COSTS, round_amount(cost, DECIMALS)),
        "BillingAccountId": "estimate",
        "BillingAccountName": None,
        "BillingCurrency": book.currency,
        **_periods(begin),
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": f"Estimate: {book.service}, {meter.service or meter.label}, {terms.region}",
        "ChargeFrequency": "Usage-Based",
        "CommitmentDiscountStatus": None,
        "ConsumedQuantity": round_amount(consumed, DECIMALS),
        "ConsumedUnit": meter.consumed_unit or meter.unit,
        "ContractedUnitPrice": round_amount(unit_price, DECIMALS),
        "InvoiceId": None,
        "InvoiceIssuerName": book.provider,
        "ListUnitPrice": round_amount(unit_price, DECIMALS),
        "PricingCategory": "Standard",
        "PricingQuantity": round_amount(part, DECIMALS),
        "PricingUnit": meter.pricing_unit or meter.unit,
        "ProviderName": book.provider,
        "PublisherName": book.provider,
        "RegionId": terms.region,
        "RegionName": book.regions[terms.region].title,
        "ResourceId": f"{terms.region}/{name}",
        "ResourceName": name,
        "ResourceType": "Function",
        "ServiceCategory": "Compute",
        "ServiceName": book.service,
        "ServiceSubcategory": "Serverless Compute",
        "SkuId": f"{book.name}/{meter.name}",
        "SkuMeter": meter.service or meter.label,
        "SkuPriceDetails": json.dumps({"x_Unit": (meter.pricing_unit or meter.unit), "x_UnitPrice": plain(unit_price)}),
        "SkuPriceId": f"{book.name}/{terms.period.name}/{terms.region}/{meter.name}/{plain(unit_price)}",
        "x_CostBasis": "Estimate",
        "x_FunctionType": function_type,
        "x_LineItem": meter.name,
        "x_PriceBook": f"{book.name}/{terms.period.name}",
        "x_UsageQuantity": _in_metered(meter, part),
        "x_UsageUnit": meter.metered_unit or meter.unit,
    }


def _in_metered(meter: Meter, part: Decimal) -> int:
    """Convert priced units back into what is metered; whole but where a tier begins between two units."""
    return int(round_amount(EXACT.multiply(part, Decimal(meter.per_unit)), 0))


def _periods(begin: datetime) -> dict[str, datetime]:
    """Return the hour that is charged and the calendar month it is billed in, both in the zone of the bill."""
    month = begin.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (month + timedelta(days=32)).replace(day=1)
    return {
        "BillingPeriodStart": month.astimezone(UTC),
        "BillingPeriodEnd": following.astimezone(UTC),
        "ChargePeriodStart": begin.astimezone(UTC),
        "ChargePeriodEnd": begin.astimezone(UTC) + timedelta(hours=1),
    }


def text(value: Any) -> str:
    """Write one value as FOCUS wants it in CSV: decimals with a point and no exponent, instants in UTC to the second.

    Examples
    --------
    >>> text(Decimal("1.500000000000000000")), text(Decimal("2")), text(None)
    ('1.5', '2.0', '')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, Decimal):
        whole, _, rest = f"{value:f}".partition(".")
        return f"{whole}.{rest.rstrip('0') or '0'}"
    return str(value)
