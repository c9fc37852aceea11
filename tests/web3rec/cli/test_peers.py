"""`peers`: whom the ego trusts, blocks and hears."""

from pathlib import Path

from tests.web3rec.cli.calls import STRANGER, Place


def test_a_friend_is_shown_with_name_trust_reach_and_records(neighbour: Place) -> None:
    (ann,) = neighbour.fine("peers", "--json").objects
    assert (ann["name"], ann["trust"], ann["blocked"], ann["records"]) == ("Ann", 0.5, False, 3)
    assert 0 < ann["reach"] <= 1


def test_a_blocked_peer_is_not_heard(neighbour: Place) -> None:
    neighbour.fine("block", "Ann")
    (ann,) = neighbour.fine("peers", "--json").objects
    assert ann["blocked"]
    assert ann["reach"] == 0
    assert "blocked" in neighbour.fine("peers").out


def test_strangers_come_last_and_can_be_left_out(neighbour: Place, tmp_path: Path) -> None:
    bob = neighbour.hears(tmp_path / "bob", ["trk:5"])
    ann, other = neighbour.fine("peers", "--json").objects
    assert ann["name"] == "Ann"
    assert (other["peer"], other["trust"], other["reach"]) == (bob, None, 0)
    said = neighbour.fine("peers", "-n", "0", "--json")
    assert [one["name"] for one in said.objects] == ["Ann"]
    assert "-n 1 shows all" in said.err


def test_the_ego_is_not_its_own_peer(home: Place) -> None:
    home.fine("record", "like", "trk:1")
    said = home.fine("peers")
    assert said.out == ""
    assert "you know nobody yet" in said.err


def test_the_newest_trust_counts(home: Place) -> None:
    home.fine("trust", STRANGER, "1")
    home.fine("trust", STRANGER, "0.25")
    assert [one["trust"] for one in home.fine("peers", "--json").objects] == [0.25]
