"""The attack: valid records only, and how many of them stay is foretold by the merge rule."""

from collections import Counter
from pathlib import Path

import pytest

from p2p.demo.assault import assaults, live_after
from p2p.demo.cast import Cast, DemoOptions, cast
from p2p.demo.speech import speech
from web3rec.options import Options
from web3rec.recommender import Recommender
from web3rec.records import Kind, judge
from web3rec.store import Source
from web3rec.types import Millis, Verdict

DATA = Path(__file__).resolve().parents[3] / "examples" / "data" / "ml-latest-small"
NOW = Millis(1_795_200_000_000)
SIZE = DemoOptions(data=DATA, peers=3, people=40, acts=15, sybils=25)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def company() -> Cast:
    return cast(SIZE, NOW, lambda _done, _total: None)


def test_each_ego_loses_one_friend_and_no_two_the_same(company: Cast) -> None:
    attacks = assaults(company, SIZE, NOW)
    assert [attack.ego for attack in attacks] == list(company.egos)
    assert len({attack.friend.peer for attack in attacks}) == len(attacks)
    for attack in attacks:
        assert attack.friend.peer in {peer for peer, _ in attack.ego.trusts}
        assert attack.friend not in company.egos
        assert len(attack.sybils) == SIZE.sybils


def test_any_device_accepts_every_record_of_the_attack(company: Cast) -> None:
    for attack in assaults(company, SIZE, NOW):
        for signed in attack.records[::7]:
            assert judge(signed.envelope, NOW, lambda _id: False).verdict is Verdict.ACCEPT


def test_sybils_copy_the_victim_and_push_spam_of_their_own_attack(company: Cast) -> None:
    attacks = assaults(company, SIZE, NOW)
    assert not attacks[0].spam & attacks[1].spam
    for attack in attacks:
        profile = {signed.record.key for signed in speech([attack.ego], NOW)}
        said = [s.record for s in attack.records if s.record.author in attack.sybils]
        acts = [r for r in said if r.kind.is_interaction]
        assert {r.key for r in acts} <= profile | attack.spam
        pushed = Counter(r.author for r in acts if r.key in attack.spam)
        assert set(pushed.values()) == {2}
        assert all(r.item in attack.sybils for r in said if r.kind is Kind.TRUST)


def test_a_log_that_got_everything_holds_as_many_records_as_foretold(
    company: Cast, tmp_path: Path
) -> None:
    attacks = assaults(company, SIZE, NOW)
    with Recommender.open(tmp_path, Options(clock=lambda: NOW)) as rec:
        rec.log.ingest(list(speech(company.people, NOW)), source=Source.PEER)
        assert rec.log.counts()["records"] == company.records
        for attack in reversed(attacks):
            rec.log.ingest(attack.records, source=Source.PEER)
        assert rec.log.counts()["records"] == live_after(company, attacks, NOW)
