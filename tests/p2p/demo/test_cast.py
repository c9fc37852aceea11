"""The cast: who plays, what is hidden, and that nothing hidden is published."""

from pathlib import Path
from typing import Any

import pytest

from p2p.demo.cast import Cast, DemoOptions, cast
from p2p.demo.speech import speech
from p2p.errors import NodeError
from web3rec.records import Kind, item_key, judge
from web3rec.types import Millis, Verdict

DATA = Path(__file__).resolve().parents[3] / "examples" / "data" / "ml-latest-small"
NOW = Millis(1_795_200_000_000)

pytestmark = pytest.mark.slow


def company(**size: int) -> Cast:
    sizes: dict[str, Any] = {"peers": 3, "people": 40, "acts": 20, **size}
    options = DemoOptions(data=DATA, **sizes)
    return cast(options, NOW, lambda _done, _total: None)


def test_the_same_seed_gives_the_same_play() -> None:
    def played(play: Cast) -> tuple[object, ...]:
        return [signed.id for signed in speech(play.people, NOW)], play.hidden

    assert played(company()) == played(company())
    assert played(company()) != played(company(seed=2))


def test_nothing_hidden_is_published_and_every_ego_has_something_hidden() -> None:
    play = company()
    for ego in play.egos:
        hidden = {item_key(item) for item in play.hidden[ego.name]}
        assert hidden
        assert not hidden & {signed.record.key for signed in speech([ego], NOW)}


def test_everyone_is_dealt_to_exactly_one_node_and_has_a_key_of_its_own() -> None:
    play = company()
    assert len(play.people) == 40
    assert len({person.peer for person in play.people}) == 40
    assert len(play.hosted) == len(play.egos) == 3
    sizes = [len(group) for group in play.hosted]
    assert max(sizes) - min(sizes) <= 1


def test_what_people_say_is_accepted_by_any_device_and_fits_its_window() -> None:
    play = company()
    for person in play.people:
        records = list(speech([person], NOW))
        assert len(records) <= 200
        for signed in records[:5]:
            again = judge(signed.envelope, NOW, lambda _id: False)
            assert again.verdict is Verdict.ACCEPT
            assert signed.record.t % 86_400 == 0
    assert play.records == sum(1 for _ in speech(play.people, NOW))


def test_trust_is_said_to_be_synthetic_where_it_is() -> None:
    play = company()
    assert play.synthetic_trust
    assert any(s.record.kind is Kind.TRUST for s in speech(play.egos, NOW))


@pytest.mark.parametrize(
    ("name", "value"), [("peers", 1), ("peers", 33), ("acts", 4), ("sybils", 0), ("people", 5)]
)
def test_sizes_that_cannot_be_played_are_refused(name: str, value: int) -> None:
    with pytest.raises(NodeError, match=name):
        company(**{name: value})


def test_ones_own_history_is_no_data_set(tmp_path: Path) -> None:
    file = tmp_path / "me.jsonl"
    file.write_text('{"type": "act", "kind": "like", "item": "trk:1"}\n')
    with pytest.raises(NodeError, match="HetRec or MovieLens"):
        cast(DemoOptions(data=file), NOW, lambda _done, _total: None)
