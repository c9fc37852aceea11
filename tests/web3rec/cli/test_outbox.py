"""`outbox`: nothing but what would leave, and all of it."""

from tests.web3rec.cli.calls import STRANGER, Place
from web3rec import Options, Recommender
from web3rec.records import item_key
from web3rec.records.envelope import unwrap


def test_at_level_0_nothing_leaves_and_it_says_so(home: Place) -> None:
    home.fine("record", "like", "trk:1")
    said = home.fine("outbox")
    assert said.out == ""
    assert "the privacy level is 0" in said.err


def test_the_bytes_shown_are_the_bytes_that_leave(home: Place) -> None:
    home.fine("share", "1")
    now = {"WEB3REC_SHARE_DELAY_HOURS": "0"}
    home.fine("record", "like", "trk:1", "--title", "Blue Train", env=now)
    home.fine("record", "listen", "trk:2", env=now)  # needs level 2
    home.fine("trust", STRANGER, "1", "--name", "Ann", env=now)
    shown = home.fine("outbox", "--json").objects
    in_hex = home.fine("outbox", "--bytes").out
    with Recommender.open(home.path, Options(share_delay_hours=0)) as rec:
        left = rec.log.release()
    assert {one["envelope"] for one in shown} == {envelope.hex() for envelope in left}
    assert all(envelope.hex() in in_hex for envelope in left)
    assert [one["bytes"] for one in shown] == [len(bytes.fromhex(o["envelope"])) for o in shown]
    assert {(one["kind"], one["known_as"]) for one in shown} == {
        ("like", "Blue Train"),
        ("trust", "Ann"),
    }
    assert "nothing waits" in home.fine("outbox").err


def test_names_and_titles_are_not_in_the_bytes(home: Place) -> None:
    home.fine("share", "1")
    home.fine("record", "like", "trk:1", "--title", "Blue Train")
    home.fine("trust", STRANGER, "1", "--name", "Annabel")
    shown = home.fine("outbox", "--json").objects
    for one in shown:
        envelope = bytes.fromhex(one["envelope"])
        assert unwrap(envelope) is not None
        for secret in (b"Blue Train", b"trk:1", b"Annabel"):
            assert secret not in envelope
    assert {one["item"] for one in shown} == {item_key("trk:1").hex(), STRANGER}


def test_the_delay_of_the_config_file_holds(home: Place) -> None:
    (home.path / "web3rec.toml").write_text("[options]\nshare_delay_hours = 0\n")
    home.fine("share", "1")
    home.fine("record", "like", "trk:1")
    with Recommender.open(home.path) as rec:
        assert len(rec.log.release()) == 1
