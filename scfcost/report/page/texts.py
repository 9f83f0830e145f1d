"""What the page itself says, in the reader's language: the texts of its template, and those of its scripts."""

from __future__ import annotations

from scfcost.core.language import _


def of_template() -> dict[str, str]:
    """Return the texts of the template, by the names that it gives them."""
    return {**_of_sliders(), **_of_charts(), **_of_tables()}


def _of_sliders() -> dict[str, str]:
    return {
        "say_what_if": _("What if?"),
        "say_idle": _("Idle timeout"),
        "say_exec": _("Execution timeout"),
        "say_memory": _("Memory"),
        "say_held": _("Connections an instance"),
        "say_policy": _("After a cut, clients reconnect"),
        "say_back": _("Back to the present settings"),
        "say_link": _("Copy a link to this setting"),
        "say_trace_itself": _("The trace itself"),
        "say_noticed": _("Cuts that people notice"),
        "say_unnoticed": _("Cuts that nobody notices"),
        "say_reconnects": _("Reconnects"),
        "say_lost": _("Messages lost"),
        "say_late": _("Messages late"),
        "say_missed": _("Pushes missed"),
        "say_endings": _("How invocations end"),
        "say_endings_caption": _("Invocations by status code at the chosen settings"),
        "say_code": _("code"),
        "say_meaning": _("meaning"),
        "say_invocations": _("invocations"),
        "say_share": _("share"),
    }


def _of_charts() -> dict[str, str]:
    return {
        "say_tradeoff": _("What a month costs, and what people notice of it"),
        "say_tradeoff_about": _(
            "Each dot is a pair of timeouts; on the line are those that nothing beats in both. "
            "Click a dot or a name to choose it."
        ),
        "say_each": _("each setting"),
        "say_best": _("nothing is better in both"),
        "say_heat": _("Every pair of timeouts"),
        "say_heat_about": _(
            "Dark is little, yellow much. Dots are settings that nothing beats in both cost and messages lost or late. "
            "Click a cell to choose it."
        ),
        "say_colour": _("Colour"),
        "say_by_cost": _("cost"),
        "say_by_harm": _("messages lost, missed or late"),
        "say_present": _("present"),
        "say_chosen": _("chosen"),
        "say_curve": _("Cost and harm over the idle timeout"),
        "say_curve_about": _("At the chosen execution timeout; the dotted line is the chosen setting."),
        "say_cost": _("cost"),
        "say_cuts": _("cuts that people notice"),
        "say_gaps": _("How long connections are silent"),
        "say_gaps_about": _("Share of silences that last longer; what lies right of the idle timeout is cut by it."),
        "say_silences": _("silences"),
        "say_idle_line": _("idle timeout"),
        "say_load": _("Connections against the quota"),
        "say_connections": _("connections"),
        "say_instances": _("busy instances"),
        "say_quota": _("quota, in instances"),
        "say_every": _("Every setting of this page as CSV"),
        "say_keys": _("A chart with the focus is read by the arrow keys; Enter chooses what is read, Escape leaves."),
    }


def _of_tables() -> dict[str, str]:
    return {
        "say_no_scripts": _("Scripts are off: the tables below hold the same figures."),
        "say_bill": _("The bill"),
        "say_assumed": _("What was assumed"),
        "say_left_out": _("Not in any figure"),
        "say_footer": _(
            "Every cost and count on this page is exact for the trace and the rules above. "
            "Made by scfcost; nothing here is sent or loaded."
        ),
    }


def of_script() -> dict[str, str]:
    """Return the texts of the page's scripts; they put values in place of the names in braces."""
    return {
        "month": _("A month"),
        "trace": _("The trace"),
        "as_now": _("as now"),
        "against": _("{change}against {before} now"),
        "between": _("between {low} and {high}: the trace has no message rows"),
        "not_known": _("not known"),
        "no_rows": _("the trace has no message rows"),
        "beyond": _("Outside what the vendor documents."),
        "whom_unknown": _("whom the timeouts cut off is not known"),
        "spoken": _("{cost}, {harm}"),
        "harm": _("{cuts} cuts that people notice, {reconnects} reconnects"),
        "cuts": _("{cuts} cuts that people notice"),
        "percent": _("{share} %"),
        "in_all": _("{count} in all"),
        "never": _("never (none)"),
        "on-demand": _("with their next message (on-demand)"),
        "immediate": _("at once (immediate)"),
        "pair": _("idle {idle} s, execution {exec} s: {cost}"),
        "pair_harm": _("{pair}, {harm} of the messages lost, missed or late"),
        "pair_cuts": _("{pair}; {cuts}"),
        "titled": _("{title}: {text}"),
        "axis_idle": _("idle timeout [s]"),
        "axis_exec": _("execution timeout [s]"),
        "axis_cost": _("cost [{currency}]"),
        "axis_month": _("cost of a month [{currency}]"),
        "axis_cuts": _("cuts that people notice"),
        "axis_harm": _("messages lost, missed or late"),
        "axis_silence": _("silence [s]"),
        "axis_longer": _("share that lasts longer"),
        "axis_time": _("time [{zone}]"),
        "axis_at_once": _("at the same time"),
        "gap_read": _("{share} of the silences last longer than {seconds} s ({count})"),
        "load_read": _("{time}: {connections} connections, {instances} busy instances"),
        "copied": _("Copied"),
    }
