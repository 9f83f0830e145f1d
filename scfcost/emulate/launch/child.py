"""Become the user's command, once the parent is ready: in a group of its own, gone with its parent.

usage: child.py FD seccomp|plain COMMAND... (FD: a socket to the parent). With `seccomp` every bind() of the command
is first shown to the parent (seccomp user notification: Linux 5.5, no rights needed, any language), which is handed
the listener over the socket. Runs as a script by itself, so that it starts in a few milliseconds.

References
----------
seccomp_unotify(2), prctl(2); numbers of system calls from the kernel's tables.
"""

from __future__ import annotations

import array
import ctypes
import os
import platform
import signal
import socket
import struct
import sys

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SECCOMP_SET_MODE_FILTER, NEW_LISTENER = 1, 1 << 3
NUMBERS = {"x86_64": (0xC000003E, 317, 49), "aarch64": (0xC00000B7, 277, 200)}
"""By machine: its name for the filter, and the numbers of seccomp(2) and bind(2)."""
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NOTIFY, _ALLOW = 0x7FC00000, 0x7FFF0000
NOT_FOUND, NOT_RUN = 127, 126
"""Exit codes of a shell: no such command; a command that cannot be run."""


def show_binds() -> int:
    """Install the filter on this process, and return the descriptor on which its calls of bind(2) are answered."""
    machine, seccomp, bind = NUMBERS[platform.machine()]
    steps = (
        (_LOAD, 0, 0, 4), (_JUMP_IF_EQUAL, 0, 3, machine), (_LOAD, 0, 0, 0), (_JUMP_IF_EQUAL, 0, 1, bind),
        (_RETURN, 0, 0, _NOTIFY), (_RETURN, 0, 0, _ALLOW),
    )  # fmt: skip
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    code = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    descriptor: int = libc.syscall(seccomp, SECCOMP_SET_MODE_FILTER, NEW_LISTENER, ctypes.c_char_p(described))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return descriptor


def main() -> None:
    """Wait for the parent, then run the command in this process."""
    channel, how, command = socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with channel:
        if how == "seccomp":
            listener = show_binds()
            channel.sendmsg([b"l"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
            os.close(listener)
        else:
            channel.send(b"p")
        if channel.recv(1) != b"g":
            sys.exit(1)  # the parent is gone
    try:
        os.execvp(command[0], command)  # noqa: S606 (the user's own command, as typed)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201 (it is a script)
        sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_RUN)


if __name__ == "__main__":
    main()
