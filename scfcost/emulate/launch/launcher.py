"""Start instances: the way to isolate them, the environment that the platform documents, the guard over all."""

from __future__ import annotations

import os
import platform
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from scfcost.core.errors import ConfigError
from scfcost.emulate.launch.child import NUMBERS
from scfcost.emulate.launch.command import Command
from scfcost.emulate.launch.process import CHILD, Process

ISOLATIONS = ("auto", "seccomp", "hook", "port")
"""How each instance comes to a port of its own."""
_HOOKS = Path(__file__).with_name("hooks")
_GUARD = Path(__file__).with_name("guard.py")
_HOOKED = ("python", "python3", "node", "uvicorn", "gunicorn", "hypercorn", "daphne", "flask", "npm", "npx")


class Guard:
    """A process that ends every instance should this one be gone."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (a script of this package)
            [sys.executable, "-I", "-S", str(_GUARD)], stdin=subprocess.PIPE, start_new_session=True, bufsize=0
        )

    def __call__(self, group: int) -> None:
        """Take note that a process group began, or, with a minus, ended."""
        if self._process.stdin is not None:
            self._process.stdin.write(b"%+d\n" % group)

    def close(self) -> None:
        """End the guard, and with it every instance that is left."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def chosen_isolation(wanted: str, command: Command) -> str:
    """Return the way that works here.

    Parameters
    ----------
    wanted : str
        One of ISOLATIONS.
    command : Command
        What is to run.

    Raises
    ------
    ConfigError
        If the one that was asked for does not, or none does.
    """
    if wanted in ("auto", "seccomp"):
        if reason := _without_seccomp():
            if wanted == "seccomp":
                raise ConfigError(f"isolation: seccomp does not work here ({reason}); try --isolation hook or port")
        else:
            return "seccomp"
    if wanted in ("auto", "hook") and PurePath(command.words[0]).name.rstrip("0123456789.") in _HOOKED:
        return "hook"
    if wanted == "hook":
        raise ConfigError(f"isolation: hooks are for Python and Node; {command.words[0]}: use --isolation port")
    if wanted == "auto" and not any("{port}" in word for word in command.words):
        raise ConfigError(
            "isolation: instances cannot each have port 9000 here; put {port} where the command takes its port, or let "
            "the server read PORT and give --isolation port"
        )
    return "port"


def _without_seccomp() -> str:
    """Say why seccomp user notification does not work here, nothing where it does."""
    if sys.platform != "linux" or platform.machine() not in NUMBERS:
        return f"it is for Linux on {' and '.join(NUMBERS)}"
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = subprocess.Popen(  # noqa: S603 (a script of this package)
            [sys.executable, "-I", "-S", str(CHILD), str(theirs.fileno()), "seccomp", "true"],
            pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        ours.settimeout(10)
        answer, sent, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
        for _, _, handed in sent:
            os.close(int.from_bytes(handed[:4], sys.byteorder))
        if answer:
            ours.send(b"g")
        child.wait()
    return "" if sent else "the kernel refuses the filter"


@dataclass(slots=True)
class Launcher:
    """What starts the instances of one function."""

    command: Command
    isolation: str
    guard: Callable[[int], None]
    documented: dict[str, str] = field(default_factory=dict)
    """Environment that the platform documents."""
    number: int = 0

    def start(
        self, on_end: Callable[[int], None], on_output: Callable[[bytes], None], services: Mapping[str, str]
    ) -> Process:
        """Start another instance, which finds its services at these addresses, by environment variable.

        Parameters
        ----------
        on_end : callable
            Told the exit code once the process has ended by itself.
        on_output : callable
            Told what it writes.
        services : mapping of str to str
            Addresses of services by environment variable.
        """
        self.number += 1
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SCFCOST_")}
        environment = {**inherited, **self.documented, **self.command.environment, **services}
        if self.isolation == "hook":
            environment |= _hooked(environment)
        words = list(self.command.words)
        return Process(words, self.command.folder, environment, self.isolation, self.guard, on_end, on_output)


def _hooked(environment: dict[str, str]) -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(_HOOKS), environment.get("PYTHONPATH"))))
    node = f"--require {_HOOKS / 'listen.cjs'} {environment.get('NODE_OPTIONS', '')}".strip()
    return {"PYTHONPATH": path, "NODE_OPTIONS": node}


def documented_environment(function: str, region: str, folder: Path, memory_mb: int) -> dict[str, str]:
    """Return the environment variables that the platform documents (583/30228), as far as they have a sense here.

    Parameters
    ----------
    function : str
        Name of the function.
    region : str
        Region.
    folder : Path
        Where it runs.
    memory_mb : int
        Memory. [MB]
    """
    return {
        "TENCENTCLOUD_RUNENV": "SCF", "TENCENTCLOUD_REGION": region, "SCF_NAMESPACE": "default",
        "SCF_FUNCTIONNAME": function, "SCF_FUNCTIONVERSION": "$LATEST", "USER_CODE_ROOT": f"{folder}/",
        "SCF_EMULATED": "1", "SCF_MEMORY": str(memory_mb),
    }  # fmt: skip
