"""The judge of the event-driven replay: at each instant everything is looked at afresh, nothing is kept in order.

One invocation is that of the lifecycle's judge; an instance is a list of the connections that it held.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracles.lifecycle import Session, Setting, _gone, _invocation, natural_code

QUOTA, BURST, INIT = "432", "429", "450"


@dataclass(frozen=True)
class Rules:
    """Settings of a function beside those of the lifecycle, times in ms."""

    places: int = 1
    keep_alive: int = 0
    memory: int = 128
    least_loaded: bool = False
    init: int = 0
    init_limit: int = 60_000
    bill_init: bool = False
    recycle: bool = False
    retries: int = 3
    provisioned: int = 0


@dataclass
class Instance:
    number: int
    created: int
    ready: int
    fails: int | None = None
    warm: bool = False
    held: list[int] = field(default_factory=list)
    released: int | None = None
    gone: bool = False
    invocations: list[tuple[int, int]] = field(default_factory=list)

    def busy(self) -> list[tuple[int, int]]:
        """Intervals with an invocation; ends come before starts, so touching ones stay apart."""
        merged: list[tuple[int, int]] = []
        for start, end in sorted(self.invocations):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return merged


@dataclass
class Client:
    session: Session
    natural_end: int
    waiting: list[Any]
    attempt_at: int | None
    late: list[Any] = field(default_factory=list)
    tries: int = 0
    given_up: bool = False
    left: bool = False
    instance: Instance | None = None
    asked: int = 0
    start: int = 0
    end: int = 0
    running: dict[str, Any] | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class World:
    """What a replay comes to."""

    clients: list[Client]
    instances: list[Instance]
    refusals: list[tuple[int, int, str, int]] = field(default_factory=list)
    lost: int = 0
    delayed: int = 0
    missed: int = 0
    cold: int = 0

    def busy_ms(self, granularity: int = 1) -> int:
        spans = [end - start for one in self.instances for start, end in one.busy()]
        return sum(-(-span // granularity) * granularity for span in spans)

    def peak(self, instances: bool) -> int:
        """Most invocations, or most instances with one, at any instant."""
        lives = [one.busy() if instances else one.invocations for one in self.instances]
        flat = [interval for own in lives for interval in own]
        return max((sum(start <= now < end for start, end in flat) for now, _ in flat), default=0)

    def idle_ms(self, provisioned: int, begin: int, end: int, window: int = 10_000) -> int:
        """Idle time of provisioned instances, window by window of the clock, each as far as the trace covers it."""
        total, at = 0, begin
        while at < end:
            until = min((at // window + 1) * window, end)
            busy = [one.busy() for one in self.instances]
            seen = range(at, until)
            most = max(sum(any(s <= now < e for s, e in own) for own in busy) for now in seen)
            total += max(provisioned - most, 0) * (until - at)
            at = until
        return total


def simulate(
    sessions: list[Session],
    setting: Setting,
    rules: Rules,
    window_end: int,
    quota: int | None = None,
    burst: int | None = None,
) -> World:
    """Walk all sessions from one instant at which something happens to the next."""
    clients = []
    for session in sessions:
        end = window_end if session.close is None else min(session.close, window_end)
        clients.append(Client(session, end, list(session.messages), session.connect))
    start = min(s.connect for s in sessions)
    warm = [Instance(n, start - 10**9, start, warm=True, released=start) for n in range(rules.provisioned)]
    world = World(clients, warm)
    while True:
        instants = [c.attempt_at for c in clients if c.attempt_at is not None]
        instants += [c.end for c in clients if c.instance is not None]
        if not instants:
            return world
        now = min(instants)
        ending = [i for i, c in enumerate(clients) if c.instance is not None and c.end == now]
        for i in ending:
            _end(world, i, now, setting, rules, window_end)
        if not ending:
            i = min(i for i, c in enumerate(clients) if c.attempt_at == now)
            clients[i].attempt_at = None
            _attempt(world, i, now, setting, rules, window_end, quota, burst)


def _end(world: World, i: int, now: int, setting: Setting, rules: Rules, window_end: int) -> None:
    client = world.clients[i]
    instance = client.instance
    assert instance is not None
    failed = client.running is not None and client.running["code"] in ("433", "439") and client.start < now
    leaving = [i]
    if rules.recycle and failed:
        instance.gone = True
        for other in instance.held:
            victim = world.clients[other]
            if other != i and victim.end > now:
                leaving.append(other)
                shorter = replace(setting, execution=now - victim.start)
                before = victim.running
                assert before is not None
                victim.waiting = before["from"]
                _run(victim, shorter, window_end)
                victim.running["code"] = "recycled"  # type: ignore[index]
    for one in sorted(leaving):
        _leave(world, one, now, setting, rules)
    if not instance.held:
        instance.released = now
        if instance.fails is not None or instance.ready > now:
            instance.gone = True
        if instance.gone and instance.warm:
            world.instances.append(Instance(len(world.instances), now - 10**9, now, warm=True, released=now))


def _leave(world: World, i: int, now: int, setting: Setting, rules: Rules) -> None:
    client = world.clients[i]
    assert client.instance is not None
    client.instance.held.remove(i)
    client.instance = None
    if client.running is None:
        _refuse(world, i, now, INIT, setting, rules)
        return
    row = client.running
    if row["code"] == "left":
        client.left = True
        _give_up(world, client)
        return
    start = client.asked if rules.bill_init else row["start"]
    client.rows.append({**row, "start": start, "harmful": False})
    world.instances[row["instance"]].invocations.append((start, row["end"]))
    client.tries = 0
    if row["code"] not in ("433", "455", "recycled"):
        return
    before = world.lost + world.delayed + world.missed
    if setting.policy == "on-demand":
        while client.waiting:
            time, direction, _, kind = client.waiting[0]
            if kind == "data" and direction != "down" and not _gone(client.session, time):
                client.attempt_at = time
                break
            if kind == "data":
                world.missed += direction == "down"
                world.lost += direction != "down"
            client.waiting.pop(0)
    elif setting.policy == "immediate" and _may_return(client, now + setting.delay):
        client.attempt_at = now + setting.delay
        _be_away(world, client, client.attempt_at, setting)
    else:
        world.lost += sum(kind == "data" for _, _, _, kind in client.waiting)
    client.rows[-1]["harmful"] = world.lost + world.delayed + world.missed > before


def _may_return(client: Client, at: int) -> bool:
    return at < client.natural_end and not _gone(client.session, at)


def _be_away(world: World, client: Client, until: int, setting: Setting) -> None:
    while client.waiting and client.waiting[0][0] < until:
        message = client.waiting.pop(0)
        if message[3] != "data":
            continue
        if message[1] == "down" and not setting.buffer_pushes:
            world.missed += 1
        else:
            world.delayed += 1
            client.late.append(message)


def _refuse(world: World, i: int, now: int, code: str, setting: Setting, rules: Rules) -> None:
    client = world.clients[i]
    world.refusals.append((i, now, code, client.tries))
    client.tries += 1
    before = (world.lost, world.delayed, world.missed)
    again = now + setting.delay
    if setting.policy == "none" or client.tries > rules.retries or not _may_return(client, again):
        client.given_up = True
        _give_up(world, client)
    else:
        client.attempt_at = again
        _be_away(world, client, again, setting)
    _note_harm(world, client, before)


def _give_up(world: World, client: Client) -> None:
    """Lose what has not been delivered, messages that waited among it."""
    before = (world.lost, world.delayed, world.missed)
    world.lost += sum(kind == "data" for _, _, _, kind in client.waiting) + len(client.late)
    world.delayed -= len(client.late)
    client.waiting, client.late = [], []
    _note_harm(world, client, before)


def _note_harm(world: World, client: Client, before: tuple[int, int, int]) -> None:
    if client.rows and (world.lost, world.delayed, world.missed) != before:
        client.rows[-1]["harmful"] = True


def _attempt(
    world: World,
    i: int,
    now: int,
    setting: Setting,
    rules: Rules,
    window_end: int,
    quota: int | None,
    burst: int | None,
) -> None:
    client = world.clients[i]
    client.asked = now
    if client.natural_end == now:
        client.start = now
        _run(client, setting, window_end)
        client.late = []
        client.rows.append({**client.running, "harmful": False, "instance": -1})  # type: ignore[dict-item]
        return
    instance = _choose(world, now, rules)
    if instance is None:
        busy = sum(rules.memory for one in world.instances if one.held)
        recent = sum(one.created > now - 60_000 for one in world.instances)
        code = QUOTA if quota is not None and busy + rules.memory > quota else ""
        code = code or (BURST if burst is not None and recent + 1 > burst else "")
        if code:
            _refuse(world, i, now, code, setting, rules)
            return
        fails = now + rules.init_limit if rules.init > rules.init_limit else None
        instance = Instance(len(world.instances), now, now + rules.init, fails)
        world.instances.append(instance)
        world.cold += 1
    client.start = max(now, instance.ready)
    if instance.fails is not None and instance.fails <= client.natural_end:
        client.end, client.running = instance.fails, None
    elif client.start >= client.natural_end:
        client.end, client.running = client.natural_end, {"code": "left", "from": [], "late": []}
    else:
        before = (world.lost, world.delayed, world.missed)
        _be_away(world, client, client.start, setting)
        _note_harm(world, client, before)
        _run(client, setting, window_end)
        client.late = []
    client.running = client.running and {**client.running, "instance": instance.number}
    client.instance = instance
    instance.held.append(i)


def _run(client: Client, setting: Setting, window_end: int) -> None:
    late = client.running["late"] if client.running and client.instance else client.late
    number = client.running["instance"] if client.running and client.instance else -1
    begun = client.waiting
    row, rest = _invocation(client.session, setting, client.start, client.natural_end, late, begun)
    if row["code"] == "natural":
        row["code"] = natural_code(client.session, setting, window_end)
    client.running = {**row, "from": begun, "late": late, "instance": number}
    client.end, client.waiting = row["end"], rest


def _choose(world: World, now: int, rules: Rules) -> Instance | None:
    running = [one for one in world.instances if 0 < len(one.held) < rules.places]
    if running:
        return min(running, key=lambda one: (len(one.held) if rules.least_loaded else -len(one.held), one.number))
    kept = [
        one
        for one in world.instances
        if not one.held and not one.gone and one.released is not None
        and (one.warm or now - one.released <= rules.keep_alive)
    ]  # fmt: skip
    return max(kept, key=lambda one: (one.released, one.number), default=None)
