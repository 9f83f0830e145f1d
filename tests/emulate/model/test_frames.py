"""Frame heads in streams that are cut anywhere, against what the frames were made of."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from websockets.frames import Frame as Sent
from websockets.frames import Opcode

from scfcost.emulate.model.frames import CLOSE, NO_STATUS, FrameHeads
from tests.depth import depth


@st.composite
def frames(draw: st.DrawFn) -> tuple[Sent, tuple[int, int, int, int]]:
    opcode = draw(st.sampled_from((0, 1, 2, 2, 8, 9, 10)))
    if opcode == CLOSE:
        code = draw(st.sampled_from((0, 1000, 1001, 1011, 4000)))
        body = struct.pack("!H", code) + b"why" if code else b""
        return Sent(Opcode(opcode), body), (opcode, 1, len(body), code or NO_STATUS)
    sizes = (0, 1, 125) if opcode > CLOSE else (0, 1, 125, 126, 127, 65_535, 65_536, 3_000)
    size, last = draw(st.sampled_from(sizes)), opcode > CLOSE or draw(st.booleans())
    return Sent(Opcode(opcode), bytes(size), last), (opcode, int(last), size, 0)


@examples(max_examples=depth(40, 150), deadline=None)
@given(st.lists(frames(), max_size=10), st.booleans(), st.randoms(use_true_random=False))
def test_frames_are_told_however_the_stream_is_cut(listed, mask, rng) -> None:  # type: ignore[no-untyped-def]
    raw = b"".join(sent.serialize(mask=mask) for sent, _ in listed)
    heads, told, at = FrameHeads(), [], 0
    while at < len(raw):
        step = rng.choice((1, 2, 3, 7, 64, 1_000, 70_000))
        told += heads.feed(raw[at : at + step])
        at += step
    assert told == [expected for _, expected in listed]
    assert heads.is_between


def test_inside_a_frame_nothing_may_be_put() -> None:
    heads = FrameHeads()
    heads.feed(Sent(Opcode.TEXT, b"hello").serialize(mask=False)[:4])
    assert not heads.is_between
