"""What it means that two snapshots are the same."""

import numpy as np

from web3rec.graph import Snapshot


def assert_same(one: Snapshot, other: Snapshot) -> None:
    """Bit for bit."""
    assert one.users == other.users
    assert one.items == other.items
    assert one.ego == other.ego
    assert one.trust == other.trust
    for ours, theirs in [(one.rows, other.rows), (one.cols, other.cols)]:
        assert ours.n_cols == theirs.n_cols
        np.testing.assert_array_equal(ours.starts, theirs.starts)
        np.testing.assert_array_equal(ours.cols, theirs.cols)
        np.testing.assert_array_equal(ours.weights, theirs.weights)
    np.testing.assert_array_equal(one.recency, other.recency)
