"""Each of the nine does what docs/simulation.md says, and nothing before its hour."""

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from p2p import wire
from p2p.memory_channel import MemoryChannel
from p2p.sim.authors import rubbish
from p2p.sim.behaviours import (
    IDS,
    NAMES,
    Behaviour,
    behaviour_of,
    censor,
    degrade,
    graft_spam,
    id_spam,
    invalid_flood,
)
from p2p.sim.notary import Notary
from p2p.sim.rpc import MessageId, Rpc
from p2p.transport import PeerName
from tests.p2p.sim.stage import Ear, message, stage

SILENT = ("eclipse", "cold-boot", "covert-flash", "dawn")


def made(name: str) -> Behaviour:
    return behaviour_of(name, drop=0.5, rate=2, messages=[b"rubbish"])


async def passed_on(behaviour: Behaviour, *, attack: float, source: int = 0) -> int:
    """Of 100 messages one ear says, how many another hears through one Sybil, from 5 s on."""
    async with stage() as world:
        ears = world.ears(3)
        speaker, listener, victim = ears
        world.sybils(behaviour, [speaker, listener], attack=attack, victims=[victim])
        await trio.sleep(5)
        for i in range(100):
            speaker.say(Rpc(messages=(message(i, ears[source].name),)))
        await trio.sleep(5)
    said = {m.id for m in listener.messages if m.data == b"news"}
    return len(said)


@pytest.mark.parametrize("name", NAMES)
async def test_until_the_attack_everyone_passes_on_what_it_hears(
    name: str, autojump_clock: MockClock
) -> None:
    assert await passed_on(made(name), attack=60) == 100


@pytest.mark.parametrize("name", [*SILENT, "graft-spam", "id-spam", "invalid-flood"])
async def test_the_silent_ones_pass_nothing_on(name: str, autojump_clock: MockClock) -> None:
    assert await passed_on(made(name), attack=0) == 0


async def test_a_covert_flash_falls_silent_at_its_hour(autojump_clock: MockClock) -> None:
    async with stage() as world:
        speaker, listener = world.ears(2)
        world.sybils(made("covert-flash"), [speaker, listener], count=10, attack=120.0)
        for second in range(1, 240):
            await trio.sleep_until(second)
            speaker.say(Rpc(messages=(message(second, speaker.name),)))
        await trio.sleep(5)
    heard = {m.id for m in listener.messages}
    assert heard == set(range(1, 120))


@pytest.mark.parametrize(("source", "expected"), [(0, 100), (2, 0)])
async def test_a_censor_drops_the_victims_messages_only(
    source: int, expected: int, autojump_clock: MockClock
) -> None:
    assert await passed_on(censor(), attack=0, source=source) == expected


@pytest.mark.parametrize(("drop", "low", "high"), [(0.0, 100, 100), (0.5, 30, 70), (1.0, 0, 0)])
async def test_degrading_drops_its_share(
    drop: float, low: int, high: int, autojump_clock: MockClock
) -> None:
    assert low <= await passed_on(degrade(drop), attack=0) <= high


async def test_a_censor_gives_others_messages_to_who_asks_but_not_the_victims(
    autojump_clock: MockClock,
) -> None:
    async with stage() as world:
        speaker, _, victim = world.ears(3)
        world.sybils(censor(), [speaker], victims=[victim])
        await trio.sleep(2)
        speaker.say(Rpc(messages=(message(1, speaker.name), message(2, victim.name))))
        await trio.sleep(1)
        speaker.say(Rpc(iwant=(MessageId(1), MessageId(2))))
        await trio.sleep(1)
    assert [m.id for m in speaker.messages] == [1]


async def test_all_graft_when_they_come_and_again_when_the_backoff_is_over(
    autojump_clock: MockClock,
) -> None:
    async with stage() as world:
        (ear,) = world.ears(1)
        world.sybils(made("eclipse"), [ear])
        await trio.sleep(2)
        ear.say(Rpc(prune=True))
        await trio.sleep(70)
    first, again = ear.grafts()
    assert first < 2
    assert 60 < again - 2 < 63


async def test_graft_spam_ignores_the_backoff(autojump_clock: MockClock) -> None:
    async with stage() as world:
        (ear,) = world.ears(1)
        world.sybils(graft_spam(5), [ear], attack=10.0)
        await trio.sleep(5)
        ear.say(Rpc(prune=True))
        assert len(ear.grafts()) == 1
        await trio.sleep(15)
    assert 45 <= len(ear.grafts(since=10.0)) <= 50


async def test_id_spam_offers_what_does_not_exist_and_asks_for_what_does(
    autojump_clock: MockClock,
) -> None:
    async with stage() as world:
        (ear,) = world.ears(1)
        world.sybils(id_spam(2), [ear], attack=5.0)
        await trio.sleep(3)
        ear.say(Rpc(messages=(message(7, ear.name),)))
        await trio.sleep(7)
        ear.say(Rpc(iwant=(MessageId(-1), MessageId(7))))
        await trio.sleep(1)
    spam = [rpc for _, _, rpc in ear.heard_rpcs if rpc.ihave]
    assert len(spam) in (10, 12)
    assert all(len(rpc.ihave) == IDS and max(rpc.ihave) < 0 for rpc in spam)
    assert len({i for rpc in spam for i in rpc.ihave}) == IDS * len(spam)
    assert all(rpc.iwant == (7,) for rpc in spam)
    assert ear.messages == []


async def test_an_invalid_flood_publishes_rubbish_at_its_rate(autojump_clock: MockClock) -> None:
    async with stage() as world:
        ears: list[Ear] = world.ears(2)
        world.sybils(invalid_flood(3, [b"a", b"b"]), ears, attack=5.0)
        await trio.sleep(15.5)
    for ear in ears:
        assert {m.data for m in ear.messages} == {b"a", b"b"}
        assert len(ear.messages) in (30, 33)
        assert len({m.id for m in ear.messages}) == len(ear.messages)


@pytest.mark.parametrize("seed", range(12))
def test_rubbish_is_of_four_kinds_one_of_them_well_signed(seed: int) -> None:
    notary = Notary()
    kinds = {"no message": 0, "bad": 0, "signed": 0}
    for data in rubbish(seed, 100, np.random.default_rng(seed)):
        envelopes = wire.unpack(data)
        if envelopes is None:
            kinds["no message"] += 1
        else:
            kinds["signed" if all(map(notary.genuine, envelopes)) else "bad"] += 1
    assert kinds == {"no message": 25, "bad": 50, "signed": 25}


async def test_who_is_refused_tries_again_and_takes_a_new_name_if_it_whitewashes(
    autojump_clock: MockClock,
) -> None:
    for whitewash in (False, True):
        async with stage() as world:
            (ear,) = world.ears(1)
            ear.open = False
            (sybil,) = world.sybils(made("eclipse"), [ear], whitewash=whitewash)
            names: set[PeerName] = set()
            for _ in range(6):
                names.add(sybil.name)
                await trio.sleep(10)
            ear.open = True
            await trio.sleep(10)
            assert list(ear.peers) == [sybil.name]
            assert (len(names) > 1) is whitewash
            assert sybil.den.refused >= 5


@pytest.mark.parametrize("sync", ["refuse", "silent", "garbage"])
async def test_who_wants_to_sync_with_one_is_refused_kept_waiting_or_told_nonsense(
    sync: str, autojump_clock: MockClock
) -> None:
    async with stage() as world:
        (ear,) = world.ears(1)
        (sybil,) = world.sybils(made("eclipse"), [ear], sync=sync)
        await trio.sleep(2)
        if sync == "refuse":
            with pytest.raises(ConnectionError):
                world.wires.open(ear.name, sybil.name, 5.0)
            return
        channel: MemoryChannel = world.wires.open(ear.name, sybil.name, 5.0)
        await channel.send(b"hello")
        if sync == "silent":
            with pytest.raises(trio.TooSlowError):
                await channel.receive()
        else:
            assert await channel.receive()
        channel.break_off()


def test_there_are_nine_and_every_name_has_a_behaviour() -> None:
    assert len(NAMES) == len(set(NAMES)) == 9
    assert {type(made(name)) for name in NAMES} == {Behaviour}
