"""Sliders in a notebook that move through the exact sweep around an estimate. Needs the extra `notebook`."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from scfcost.analysis.sweep.explore import explore
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.language import translated
from scfcost.report import html, words
from scfcost.trace.inputs import TraceLike, takes_trace

if TYPE_CHECKING:
    from scfcost.analysis.sweep.sweep import SweepResult
    from scfcost.trace.model import Trace

_AXES = {
    "idle_timeout_s": ("idle timeout", "{:g} s"),
    "exec_timeout_s": ("execution timeout", "{:g} s"),
    "memory_mb": ("memory", "{:,} MB"),
    "max_concurrency": ("connections an instance", "{:,}"),
    "reconnect": ("after a cut", "{}"),
}
"""Columns of a sweep that a slider moves along: its name and how a value is shown."""
_COUNTS = {
    "invocations": "invocations", "cut_harmful": "cuts noticed", "cut_harmless": "cuts not noticed",
    "reconnects": "reconnects", "messages_lost": "messages lost", "messages_delayed": "messages late",
    "pushes_missed": "pushes missed",
}  # fmt: skip
"""Columns that are shown of a setting."""


@takes_trace
def explorer(trace: TraceLike, function: FunctionConfig | None = None, **options: Any) -> Any:
    """Return sliders over timeouts and memory, a choice of policy, what the chosen setting costs, and the chart.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        n connections.
    function : FunctionConfig, optional
        The present settings, at which the sliders stand first.
    **options
        As in `explore`: axes and prices.

    Returns
    -------
    ipywidgets.VBox
        A widget; a notebook shows it where it is the last value of a cell.

    Raises
    ------
    ConfigError
        If ipywidgets is not installed.
    """
    try:
        import ipywidgets as widgets
    except ImportError:
        raise ConfigError("the explorer needs ipywidgets: pip install 'scfcost[notebook]'") from None
    base = function or FunctionConfig()
    found = explore(trace, base, replications=0, **options).sweep
    present = {name: getattr(base, name, None) for name in _AXES} | {"reconnect": base.reconnect_policy}
    wide = {"description_width": "11em"}
    sliders = {}
    for name, (title, shown) in _AXES.items():
        values = found.frame[name].unique().tolist()
        if len(values) > 1:
            kind = widgets.RadioButtons if isinstance(values[0], str) else widgets.SelectionSlider
            choices = [(shown.format(value), value) for value in values]
            sliders[name] = kind(
                options=choices,
                value=present[name],
                description=translated(title),
                style=wide,
                layout={"width": "32em"},
            )
    answer, chart = widgets.HTML(), widgets.Image(format="png", width=560)
    now = _shown(found.at(**present), found.currency)

    def move(_: Any = None) -> None:
        at = present | {name: slider.value for name, slider in sliders.items()}
        row = _shown(found.at(**at), found.currency)
        changed = ((name, value, now[name]) for name, value in row.items())
        answer.value = html.block(next(iter(row.values())), (("", "chosen", "present"), changed))
        chart.value = _drawn(found, trace, present, at)

    for slider in sliders.values():
        slider.observe(move, names="value")
    move()
    return widgets.VBox([*sliders.values(), answer, chart])


def _drawn(found: SweepResult, trace: Trace, present: dict[str, Any], at: dict[str, Any]) -> bytes:
    """Return month against harm of every pair of timeouts beside the chosen one as PNG; b"" where harm is unknown."""
    from scfcost.plots.tradeoff import month_against_harm

    frame = found.frame
    for name in ("reconnect", "memory_mb", "max_concurrency"):
        frame = frame[frame[name] == at[name]]
    if not trace.has_messages or frame[["monthly_amount", "messages_lost"]].isna().any(axis=None):
        return b""
    marks = {"current": found.at(**present | {"reconnect": at["reconnect"]}), "chosen": found.at(**at)}
    axes = month_against_harm(frame, found.currency, messages=max(trace.messages, 1), marks=marks)
    picture = io.BytesIO()
    axes.get_figure().savefig(picture, format="png", dpi=110)  # type: ignore[union-attr]
    return picture.getvalue()


def _shown(row: dict[str, Any], currency: str) -> dict[str, str]:
    cost = "monthly_amount" if row["monthly_amount"] is not None else "amount"
    title = "cost of a month" if cost == "monthly_amount" else "cost of the trace"
    return {title: words.money(str(row[cost]), currency)} | {
        title: words.NOT_KNOWN if row[name] is None or row[name] != row[name] else f"{int(row[name]):,}"
        for name, title in _COUNTS.items()
    }
