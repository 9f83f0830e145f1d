"""Runs tshark over a capture: Wireshark's dissectors put TCP streams and frames together."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scfcost.core.errors import TraceError
from scfcost.trace.formats.frames import CUT, EARLY, FIELDS, FILTER

MISSING = (
    "reading a packet capture needs tshark, which is not installed: "
    "apt-get install tshark (Debian, Ubuntu), dnf install wireshark-cli (Fedora), brew install wireshark (macOS)"
)
KEYS = "SSLKEYLOGFILE"
"""Variable that names the file of TLS keys, the one that browsers write to."""
_CUT_SHORT = "cut short"
_EMPTY = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
"""The head of a capture of Ethernet, and no packet."""


def packets(path: Path, name: str, scratch: Path, warn: list[str]) -> Iterator[str]:
    """Yield a line for each packet that matters in a capture (pcap or pcapng, plain or gzip).

    Parameters
    ----------
    path : Path
        The capture.
    name : str
        What messages call it.
    scratch : Path
        A directory for tshark, so that nobody's preferences change the answer.
    warn : list of str
        Takes what the user should know.

    Raises
    ------
    TraceError
        If tshark is not installed, or cannot read the file.
    """
    program = shutil.which("tshark")
    if program is None:
        raise TraceError(f"{name}: {MISSING}")
    more = f"{EARLY} or {CUT}"
    wanted = f"{FILTER} or {more}" if _knows(program, more, scratch) else FILTER
    arguments = [program, "-n", "-r", str(path), "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", wanted]
    if keys := os.environ.get(KEYS):
        arguments += ["-o", f"tls.keylog_file:{keys}"]
    arguments += ["-T", "fields", "-E", "occurrence=a", *(part for one in FIELDS for part in ("-e", one))]
    environment = _environment(scratch)
    complaints = scratch / "tshark-complaints"
    with complaints.open("wb") as errors:
        done = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=errors, env=environment, text=True)  # noqa: S603
        with done:
            yield from done.stdout or ()
    if done.returncode:
        said = complaints.read_text(errors="replace").strip().splitlines()
        last = said[-1].removeprefix("tshark: ") if said else f"exit code {done.returncode}"
        if _CUT_SHORT not in last:
            raise TraceError(f"{name}: tshark cannot read it: {last}")
        warn.append(f"{name}: the capture was cut short in the middle of a packet; what stands before is read")


def _environment(scratch: Path) -> dict[str, str]:
    return {**os.environ, "WIRESHARK_CONFIG_DIR": str(scratch), "LC_ALL": "C.UTF-8"}


def _knows(program: str, wanted: str, scratch: Path) -> bool:
    """Whether this tshark has the fields of a filter: tried on a capture of nothing."""
    empty = scratch / "empty.pcap"
    empty.write_bytes(_EMPTY)
    tried = [program, "-n", "-r", str(empty), "-Y", wanted]
    return subprocess.run(tried, env=_environment(scratch), capture_output=True, check=False).returncode == 0  # noqa: S603
