"""Asks the server for one command: with few imports, as it is a program of its own within lines of shell."""

import array
import json
import os
import socket
import sys

ADDRESS = "SCFCOST_FORKED"
"""Environment variable that says where the server listens; commands do not see it."""
ENDED_BEFORE = 125
"""Exit code where the server ended before the command did."""
WORD = 4
"""Bytes of a number that is sent. [B]"""


def start(
    address: str, arguments: list[str], environment: dict[str, str], folder: str, streams: list[int]
) -> tuple[socket.socket, int]:
    """Start a command with three streams; return where its exit code will come, and its process."""
    words = {"arguments": arguments, "environment": environment, "folder": folder, "umask": _umask()}
    question = json.dumps(words, ensure_ascii=True).encode()
    link = socket.socket(socket.AF_UNIX)
    link.connect(address)
    sent = array.array("i", streams)
    link.sendmsg([len(question).to_bytes(WORD, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)])
    link.sendall(question)
    return link, int.from_bytes(link.recv(WORD), "big")


def code_of(link: socket.socket) -> int:
    """Wait for the end of a command and return its exit code; of a signal it is negative, as `subprocess` has it."""
    with link:
        answer = link.recv(WORD)
    return int.from_bytes(answer, "big", signed=True) if answer else ENDED_BEFORE


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    own = dict(os.environ)
    code = code_of(start(own.pop(ADDRESS), sys.argv[1:], own, os.getcwd(), [0, 1, 2])[0])  # noqa: PTH109 (an import)
    sys.exit(code if code >= 0 else 128 - code)
