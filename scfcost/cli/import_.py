"""`scfcost import`: logs into a trace file."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import loudness, note, status, write
from scfcost.core.comments import commented
from scfcost.core.errors import ConfigError, TraceError

if TYPE_CHECKING:
    from scfcost.trace.formats.base import Converted, Format, Original

_WANTED = (
    *("source_format", "log_format", "column", "time_unit", "tz", "source_idle_timeout", "source_max_life"),
    *("on_error", "rejects", "memory_limit"),
)
_READING: dict[str, Any] = {**{name: options.READING[name] for name in _WANTED}, **options.SAID}
_SECRET_BYTES = 16
_Logs = Annotated[
    list[str],
    typer.Argument(metavar="PATHS...", help="Logs: files, globs, or - for standard input.", show_default=False),
]

MATTER = (
    "output",
    "source_format",
    "log_format",
    "column",
    "tz",
    "suggest",
    "on_error",
    "rejects",
    "source_idle_timeout",
    "client",
)
"""Parameters that the short help shows."""


@options.takes(_READING, files=_Logs)
def import_(
    paths: list[str],
    flags: dict[str, Any],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Trace file to write: .parquet or .csv; with --suggest the mapping."),
    ] = None,
    client: Annotated[
        str | None, typer.Option(help="Field that names the client, kept for --stitch. [default: its address]")
    ] = None,
    *,
    keep_addresses: Annotated[
        bool, typer.Option("--keep-addresses", help="Keep clients as the log names them, not as hashes.")
    ] = False,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Look at the log and write a mapping for it, to be corrected (--from).")
    ] = False,
) -> None:
    """Turn logs and captures into a trace file, which is read faster and can be looked at.

    scfcost import access.log -o trace.parquet

    scfcost import capture.pcap -o trace.parquet

    scfcost import app.log --suggest > mapping.toml; scfcost import app.log --from mapping.toml -o trace.parquet
    """
    if suggest:
        _suggest(paths, flags, output)
        return
    if output is None:
        raise ConfigError("give -o FILE, the trace file to write (.parquet or .csv), or --suggest for a mapping")
    from scfcost.trace.formats.export import check_suffix
    from scfcost.trace.reading.columns import CLIENT

    check_suffix(output)
    secret = None if keep_addresses else secrets.token_hex(_SECRET_BYTES)
    with TemporaryDirectory(prefix="scfcost-") as scratch, status("importing", say=loudness(flags)):
        converted = _converted(paths, {**flags, "client": client or CLIENT}, Path(scratch), output, secret)
    for warning in converted.warnings:
        note(warning.message, say=loudness(flags))
    note(f"{output}: {_counts(converted)}", say=loudness(flags))


def _suggest(paths: list[str], flags: dict[str, Any], output: Path | None) -> None:
    """Write a mapping for the first of the logs; of one that is read as it stands, only say so."""
    from scfcost.trace.formats.base import Original
    from scfcost.trace.formats.suggest import suggestion
    from scfcost.trace.reading.sources import expand

    with TemporaryDirectory(prefix="scfcost-") as scratch:
        original = Original(*next(iter(expand(paths, Path(scratch)))))
        known, refusal = _as_it_stands(original, Path(scratch), flags)
        if known is None:
            try:
                text = suggestion(original)
            except TraceError as nothing:
                raise refusal or nothing from None
            write(commented(text), output)
            return
    note(
        f"{original.name}: needs no mapping, it is read as it stands: {known.title} (--from {known.name})",
        say=loudness(flags),
    )


def _as_it_stands(original: Original, scratch: Path, flags: dict[str, Any]) -> tuple[Format | None, TraceError | None]:
    """Return the format by which a file can be read, or why not: beside lines that tell too little may stand others."""
    from scfcost.core.errors import BadRowsError
    from scfcost.trace.formats.base import LogOptions
    from scfcost.trace.formats.convert import convert_logs, recognise

    known = recognise(original)
    try:
        if known is not None:
            convert_logs(
                [original], None, scratch, LogOptions(time_zone=flags["tz"], memory_limit=flags["memory_limit"])
            )
    except BadRowsError:
        raise
    except TraceError as refusal:
        return None, refusal
    return known, None


def _counts(converted: Converted) -> str:
    from scfcost.core.text import counted

    text = f"{counted(converted.used, 'connection')} of {converted.read:,} looked at"
    text += f"; {converted.not_websocket:,} no WebSocket" if converted.not_websocket else ""
    left_out = converted.left_out + converted.rejected
    return text + (f"; {left_out:,} left out" if left_out else "")


def _converted(paths: list[str], flags: dict[str, Any], scratch: Path, output: Path, secret: str | None) -> Converted:
    """Convert the logs, read what came of them once, so that a faulty trace is not kept, and keep it."""
    from dataclasses import replace

    from scfcost.cli.inputs import columns_of
    from scfcost.trace.censoring import censor
    from scfcost.trace.formats.base import LogOptions, Original
    from scfcost.trace.formats.convert import convert_logs
    from scfcost.trace.formats.export import keep
    from scfcost.trace.formats.lives import lives_of
    from scfcost.trace.reading.memory import database_share, hold_to
    from scfcost.trace.reading.sources import expand, resolve

    originals = [Original(*one) for one in expand(paths, scratch)]
    said = LogOptions(
        flags["log_format"], flags["tz"], flags["client"], flags["on_error"],
        flags["rejects"] or Path("rejects.csv"), flags["memory_limit"], tuple((columns_of(flags) or {}).items()),
        flags["time_unit"],
    )  # fmt: skip
    converted = convert_logs(originals, flags["source_format"], scratch, said)
    if converted is None:
        resolve([(original.path, original.name) for original in originals])  # says what is wrong with a trace
        raise TraceError(f"{paths[0]}: is a trace already: give it to `scfcost estimate` as it is")
    idle, life = flags["source_idle_timeout"], flags["source_max_life"]
    if converted.sound:
        trace = censor(lives_of(converted.path), idle_timeout_s=idle, max_life_s=life)
    else:
        from scfcost.trace.read import read_trace  # loads the compiler, which most logs do not need

        made = [(converted.path, originals[0].name)]
        hold_to(said.memory_limit, resolve(made), "raise it")
        trace = read_trace(
            made, time_unit="ms", source_idle_timeout=idle, source_max_life=life, memory_limit=said.memory_limit
        )
    share = database_share(said.memory_limit)
    keep(converted.path, trace, output, secret=secret, memory_limit=share, by_row=converted.sound)
    known = {(one.code, one.message) for one in converted.warnings}
    more = tuple(one for one in trace.provenance.warnings if (one.code, one.message) not in known)
    return replace(converted, warnings=(*converted.warnings, *more))
