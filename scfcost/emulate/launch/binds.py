"""Answer the calls of bind(2) of one instance: port 9000 becomes a free port of the loopback interface.

References
----------
seccomp_unotify(2): the notification is 80 bytes, the answer 24; pidfd_getfd(2) needs the right to trace the process,
where that is missing a socket is put in the place of the process's own (SECCOMP_IOCTL_NOTIF_ADDFD, Linux 5.9).
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path

PORT = 9_000
"""Where a web function listens: cloud.tencent.com/document/product/583/56124."""
LOOPBACK = "127.0.0.1"
_RECEIVE, _SEND, _ADD = 0xC0502100, 0xC0182101, 0x40182103
_CONTINUE, _REPLACE = 1, 1
_PIDFD_GETFD = 438
_LOCAL_ADDRESSES = (LOOPBACK, "::1")


class Binds:
    """The listener of one instance.

    Parameters
    ----------
    descriptor : int
        Where its calls of bind(2) are told. It stays open as long as the instance lives: a call that nobody answers
        fails.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.port = 0
        """Port that it listens on in truth, 0 before it has bound 9000."""
        self.host = LOOPBACK
        self.address = ""
        """Address that it asked for."""
        self._socket: socket.socket | None = None
        self._libc = ctypes.CDLL(None, use_errno=True)

    @property
    def is_local_only(self) -> bool:
        """Whether it asked for an address that the platform does not reach."""
        return self.address in _LOCAL_ADDRESSES

    def is_listening(self) -> bool:
        """Whether connections are taken now."""
        if self._socket is None or not self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return False
        self._socket.close()  # else the port stayed open after the instance
        self._socket = None
        return True

    def close(self) -> None:
        """Answer no more."""
        with suppress(OSError):
            os.close(self.descriptor)
        if self._socket is not None:
            self._socket.close()

    def answer(self) -> bool:
        """Answer one call; False once the instance is gone."""
        request = bytearray(80)
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, request)
        except OSError as error:
            return error.errno in (errno.EINTR, errno.ENOENT)
        identity, pid, _, _, _, _, descriptor, address, size = struct.unpack_from("QIIiIQQQQ", request)
        error_code, flags = self._bind(identity, pid, descriptor & 0xFFFFFFFF, address, size)
        with suppress(OSError):  # it died meanwhile
            fcntl.ioctl(self.descriptor, _SEND, struct.pack("QqiI", identity, 0, error_code, flags))
        return True

    def _bind(self, identity: int, pid: int, descriptor: int, address: int, size: int) -> tuple[int, int]:
        """Bind in the place of the process; return the error and the flags of the answer."""
        try:
            raw = _memory(pid, address, min(size, 128))
            family, port = struct.unpack("=H", raw[:2])[0], int.from_bytes(raw[2:4], "big")
            if family not in (socket.AF_INET, socket.AF_INET6) or port != PORT:
                return 0, _CONTINUE
            own = self._taken(pid, descriptor)
            bound = own or _another(pid, descriptor, family)
            self._bind_to_loopback(bound, family, raw)
            if own is None:
                swap = struct.pack("QIIII", identity, _REPLACE, bound.fileno(), descriptor, 0)
                fcntl.ioctl(self.descriptor, _ADD, swap)
            if self._socket is not bound:
                bound.close()
        except OSError as error:
            return -(error.errno or errno.EACCES), 0
        return 0, 0

    def _taken(self, pid: int, descriptor: int) -> socket.socket | None:
        """Return the process's own socket, None without the right to take it."""
        handle = os.pidfd_open(_process_of(pid))
        try:
            taken = self._libc.syscall(_PIDFD_GETFD, handle, descriptor, 0)
        finally:
            os.close(handle)
        return None if taken < 0 else socket.socket(fileno=taken)

    def _bind_to_loopback(self, bound: socket.socket, family: int, raw: bytes) -> None:
        if family == socket.AF_INET:
            self.address, host = socket.inet_ntop(family, raw[4:8]), LOOPBACK
        else:
            self.address = socket.inet_ntop(family, raw[8:24])
            host = "::1" if bound.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) else f"::ffff:{LOOPBACK}"
        bound.bind((host, self.port))  # a second socket of the instance shares the first one's port
        if self.port:
            return
        self.port = bound.getsockname()[1]
        self.host = host.removeprefix("::ffff:")
        self._socket = bound


def _memory(pid: int, address: int, size: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size)


def _process_of(thread: int) -> int:
    for line in Path(f"/proc/{thread}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("Tgid:"):
            return int(line.split()[1])
    return thread


def _another(pid: int, descriptor: int, family: int) -> socket.socket:
    """Return a socket like the process's own."""
    made = socket.socket(family, socket.SOCK_STREAM)
    text = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text(encoding="ascii", errors="replace")
    made.setblocking(not int(text.split("flags:")[1].split()[0], 8) & os.O_NONBLOCK)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    return made
