"""The live rule of placement against the judge of packing, which works every state out afresh."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scfcost.lifecycle.placement import Account, Instance, Pool
from tests.depth import depth
from tests.oracles.instances import Call, Rules, pack

calls = st.lists(
    st.builds(lambda start, length: Call(start, start + length), st.integers(0, 25), st.integers(1, 12)), max_size=14
)
rules = st.builds(
    Rules,
    places=st.sampled_from((1, 1, 2, 3)),
    keep_alive=st.sampled_from((0, 1, 5, 40)),
    least_loaded=st.booleans(),
)


def placed(listed: list[Call], rule: Rules, account: Account) -> tuple[list[int], list[int]]:
    """Put calls on instances one by one, ends before starts."""
    pool = Pool(rule.places, rule.keep_alive, rule.memory, least_loaded=rule.least_loaded, account=account)
    instance, refused, held = [-1] * len(listed), [0] * len(listed), dict[int, Instance]()
    events = [(call.end, 0, row) for row, call in enumerate(listed)]
    events += [(call.start, 1, row) for row, call in enumerate(listed)]
    for now, is_start, row in sorted(events):
        if not is_start:
            if row in held:
                pool.release(held[row], now)
            continue
        found = pool.place(now)
        if isinstance(found, int):
            refused[row] = found
        else:
            held[row], instance[row] = found, found.number
    return instance, refused


@examples(max_examples=depth(120, 500), deadline=None)
@given(calls, rules, st.sampled_from((None, 128, 256, 384)), st.sampled_from((None, 0, 1, 2, 3)))
def test_each_connection_goes_where_the_judge_puts_it(
    listed: list[Call], rule: Rules, quota: int | None, burst: int | None
) -> None:
    judged = pack(listed, [rule], quota, burst)
    assert placed(listed, rule, Account(quota, burst)) == (judged.instance, judged.refused)


def test_an_instance_that_is_gone_takes_no_connection() -> None:
    pool = Pool(2, 1_000, 128, least_loaded=False, account=Account())
    first = pool.place(0)
    assert isinstance(first, Instance)
    pool.retire(first)
    second = pool.place(1)
    pool.release(first, 2)
    assert second is not first and pool.place(3) is second
