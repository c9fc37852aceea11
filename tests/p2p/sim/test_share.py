"""The guard's limits, on simulated RPCs."""

import pytest

from p2p.sim import share
from p2p.sim.naming import device_name
from p2p.sim.router import OURS
from p2p.sim.rpc import MessageId, Rpc
from p2p.sim.share import CHANGES_AT_ONCE, IDS_AT_ONCE, MAX_IDS, Share
from tests.p2p.sim.stage import message

IDS = tuple(MessageId(i) for i in range(500))


@pytest.mark.slow
def test_the_figures_are_those_of_the_real_guard() -> None:
    from p2p import libp2p_rpc as real  # noqa: PLC0415 - a second to import

    for name in (
        "MAX_IDS", "IDS_PER_SECOND", "IDS_AT_ONCE", "CHANGES_PER_SECOND", "CHANGES_AT_ONCE",
    ):  # fmt: skip
        assert getattr(share, name) == getattr(real, name), name
    assert OURS.max_ids == MAX_IDS


def test_ids_beyond_the_share_are_cut_and_the_rest_stays() -> None:
    one = Share()
    news = (message(1, device_name(0)),)
    asked = Rpc(messages=news, ihave=IDS, graft=True)
    most = int(IDS_AT_ONCE) // MAX_IDS
    assert all(one.cut(asked, 0.0) is asked for _ in range(most))
    assert one.cut(asked, 0.0) == Rpc(messages=news, graft=True)
    assert one.cut(asked, 1.0) is asked


def test_grafts_and_prunes_beyond_the_share_are_cut() -> None:
    one = Share()
    graft, prune = Rpc(graft=True), Rpc(prune=True)
    most = int(CHANGES_AT_ONCE) // 2
    assert all(one.cut(graft, 0.0) is graft and one.cut(prune, 0.0) is prune for _ in range(most))
    assert one.cut(graft, 0.0) == Rpc()
    assert one.cut(Rpc(ihave=IDS), 0.0).ihave == IDS
