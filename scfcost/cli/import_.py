"""`scfcost import`: logs into a trace file."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import note, status
from scfcost.errors import ConfigError, TraceError

if TYPE_CHECKING:
    from scfcost.trace.formats.base import Converted

_READING: dict[str, Any] = {
    "source_format": options.SourceFormat,
    "log_format": options.LogFormat,
    "tz": options.Tz,
    "quiet": options.Quiet,
}


@options.takes(_READING)
def import_logs(
    paths: list[str],
    flags: dict[str, Any],
    output: Annotated[Path, typer.Option("--output", "-o", help="Trace file to write, as Parquet.")],
) -> None:
    """Turn logs and captures into a trace file, which is read faster and can be looked at.

    scfcost import capture.pcap -o trace.parquet
    """
    if output.suffix != ".parquet":
        raise ConfigError(f"{output}: a trace is written as Parquet; end the name with .parquet")
    with TemporaryDirectory(prefix="scfcost-") as scratch, status("importing", quiet=flags["quiet"]):
        converted = _converted(paths, flags, Path(scratch))
        _keep(converted.path, output)
    for warning in converted.warnings:
        note(warning.message, quiet=flags["quiet"])
    note(f"{output}: {_counts(converted)}", quiet=flags["quiet"])


def _counts(converted: Converted) -> str:
    from scfcost.report.words import counted

    text = f"{counted(converted.used, 'connection')} of {converted.read:,} looked at"
    text += f"; {converted.not_websocket:,} no WebSocket" if converted.not_websocket else ""
    left_out = converted.left_out + converted.rejected
    return text + (f"; {left_out:,} left out" if left_out else "")


def _converted(paths: list[str], flags: dict[str, Any], scratch: Path) -> Converted:
    """Convert the logs, and read what came of them once, so that a faulty trace is not kept."""
    from scfcost.trace.formats.base import LogOptions, Original
    from scfcost.trace.formats.reading import convert_logs
    from scfcost.trace.read import read_trace
    from scfcost.trace.sources import expand

    originals = [Original(*one) for one in expand(paths, scratch)]
    said = LogOptions(flags["log_format"], flags["tz"])
    converted = convert_logs(originals, flags["source_format"], scratch, said)
    if converted is None:
        raise TraceError(f"{paths[0]}: is no log of a known format (see scfcost formats), or is a trace already")
    read_trace(converted.path, time_unit="ms")
    return converted


def _keep(made: Path, output: Path) -> None:
    """Put a finished file in its place, which holds the old one or the new one, never a part."""
    partial = output.with_name(f".{output.name}.part")
    try:
        shutil.copyfile(made, partial)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ConfigError(f"{output}: cannot be written: {error.strerror}") from None
