"""Loads what commands load, then forks a process for each that is asked for: `python -m tests.forked.server ADDRESS`.

It ends when its standard input does, which whoever started it holds open. Threads of libraries are idle when it forks.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from contextlib import redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import scfcost
from scfcost.cli import app
from scfcost.core.cache import find_cache
from scfcost.core.compiler import own_process
from tests.forked.client import WORD

LATE = tuple(f"scfcost.{name}" for name in ("__main__", "plots", "engines.dask", "analysis.sweep.explore"))
"""Modules that only some commands load, and that read the environment or start threads as they do."""
ENDS = (signal.SIGINT, signal.SIGTERM)
"""Signals that are for the tests and for commands, not for what is between them."""
SAMPLE = Path(__file__).parents[2] / "data" / "sample_traces" / "chat_room.parquet"


def load() -> None:
    """Load the package, and by an estimate the kernels and what else is loaded at its first use."""
    find_cache(Path(scfcost.__file__).parent)
    own_process()
    for module in pkgutil.walk_packages(scfcost.__path__, "scfcost."):
        if not module.name.startswith(LATE):
            import_module(module.name)
    sys.argv = ["scfcost", "estimate", str(SAMPLE), "--format", "json"]
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), suppress(SystemExit):
        app.main()
    gc.collect()
    gc.freeze()


def serve(address: str) -> None:
    """Fork a keeper for each question, until the standard input ends."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers leave nothing to wait for
        os.write(1, b"ready\n")
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            link, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                keep(link)
            link.close()


def keep(link: socket.socket) -> None:
    """Fork the command, wait for it and tell how it ended; only the command comes back from here."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, streams, _, _ = socket.recv_fds(link, WORD, 3)
    question = json.loads(_whole(link, int.from_bytes(head, "big")))
    process = os.fork()
    if process == 0:
        link.close()
        become(question, streams)
    for stream in streams:
        os.close(stream)
    with suppress(OSError):  # nobody may wait for it any more
        link.sendall(process.to_bytes(WORD, "big"))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        link.sendall(code.to_bytes(WORD, "big", signed=True))
    os._exit(0)


def _whole(link: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += link.recv(size - len(found))
    return found


def become(question: dict[str, object], streams: list[int]) -> NoReturn:
    """Run a command as a process that was started with these arguments, environment, folder and streams."""
    for number in ENDS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for own, given in enumerate(streams):
        os.dup2(given, own)
        os.close(given)
    os.environ.clear()
    os.environ.update(question["environment"])  # type: ignore[call-overload]
    os.chdir(str(question["folder"]))
    os.umask(int(question["umask"]))  # type: ignore[call-overload]
    tempfile.tempdir = None  # it is found anew, as are these:
    time.tzset()
    sys.argv = ["scfcost", *question["arguments"]]  # type: ignore[misc]
    sys.stdin, sys.stdout, sys.stderr = (open(stream, mode) for stream, mode in enumerate("rww"))  # noqa: SIM115, PTH123
    leave(ended())


def ended() -> int:
    """Run the command line and return the exit code that the interpreter would leave with."""
    try:
        app.main()
    except SystemExit as left:
        if isinstance(left.code, str):
            sys.stderr.write(f"{left.code}\n")
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:  # noqa: BLE001 (whatever it is, a process shows it and ends)
        traceback.print_exc()
        return 1
    return 0


def leave(code: int) -> NoReturn:
    """End as the interpreter does, but for what takes it long: giving back what the system takes anyway."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed by the command, or a disk that is full: it has said so
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    where = sys.argv[1]
    load()
    serve(where)
