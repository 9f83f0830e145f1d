"""SQL for lengths of time that name their unit in the value, as `core.durations` reads them."""

from __future__ import annotations

from scfcost.core.durations import GO, ISO, NUMBER, UNITS_MS, WORDS


def named_unit_ms(text: str) -> str:
    """Return SQL for `length_ms` of a text."""
    low = f"lower(trim({text}))"
    isolated = f"CASE WHEN regexp_matches({low}, '{ISO}') THEN replace(substr({low}, 2), 't', '') ELSE {low} END"
    short = f"regexp_replace({isolated}, '[µμ]s', 'us', 'g')"
    for unit, words in WORDS.items():
        short = f"regexp_replace({short}, '{words}', '{unit}', 'g')"
    short = f"replace({short}, ' ', '')"
    parts = " + ".join(_part(short, unit, factor) for unit, factor in UNITS_MS.items())
    named = f"regexp_matches({low}, '{GO}') OR (regexp_matches({low}, '{ISO}') AND length({low}) > 1)"
    return f"CASE WHEN {named} THEN CAST(floor({parts}) AS BIGINT) END"


def _part(text: str, unit: str, factor: str) -> str:
    end = "(?:[^s]|$)" if unit == "m" else ""
    number = f"TRY_CAST(nullif(regexp_extract({text}, '({NUMBER}){unit}{end}', 1), '') AS DECIMAL(20, 9))"
    return f"coalesce({number} * {factor}, 0)"
