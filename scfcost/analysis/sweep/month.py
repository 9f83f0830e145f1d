"""How sure the month of a setting is, and what it costs under each plan."""

from __future__ import annotations

from decimal import Decimal

from scfcost.analysis.evaluate import month_factor
from scfcost.analysis.forecast.uncertainty import bootstrap_setting
from scfcost.analysis.sweep.bench import Bench
from scfcost.analysis.sweep.question import Question
from scfcost.billing.pricing import Bill, cheapest_plans
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig


def interval_of(question: Question, config: FunctionConfig) -> tuple[Decimal, Decimal] | None:
    """Return where 80 % of the months fall when the traffic is drawn anew, as `estimate` says it. [currency]

    Parameters
    ----------
    question : Question
        What is asked.
    config : FunctionConfig
        The setting.
    """
    sure = bootstrap_setting(question.trace, config, question.pricing)
    return None if sure is None else sure.interval(80)


def plans_of(bench: Bench, config: FunctionConfig) -> list[tuple[str, Decimal, Decimal | None]]:
    """Return the plans for the month of a setting, the cheapest first: name, total, and from how many GBs each pays.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The setting.
    """
    factor, terms = month_factor(bench.trace), bench.terms
    if factor is None:
        return []
    usage = bench.price(config).usage.project(factor.numerator, factor.denominator)
    resource = terms.rate("resource")
    rate = None if resource is None else resource.graduated()[0].price
    bills: list[Bill] = cheapest_plans(usage, terms)
    return [(bill.plan, bill.total, _pays_from(terms, bill.plan, rate)) for bill in bills]


def _pays_from(terms: Terms, plan: str, rate: Decimal | None) -> Decimal | None:
    """Return the resource usage from which a package costs less than the same usage at the unit price. [GBs]"""
    package = terms.period.plans.get(plan)
    return None if package is None or not rate else (package.fee / rate).quantize(Decimal(1))
