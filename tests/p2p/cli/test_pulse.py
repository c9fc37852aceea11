"""A network thread that hangs is found; one frozen with the whole process is not blamed."""

from p2p.cli.pulse import ASLEEP_SECONDS, HUNG_SECONDS, Pulse


def watched(pulse: Pulse, looked: list[float], *, step: float = 0.25, runs: bool = True) -> bool:
    """Watch a row of looks, one each step; whether it was ever called hung."""
    at = pulse._seen
    return any(pulse.stopped(one, at + step * i, runs=runs) for i, one in enumerate(looked, 1))


def test_who_looks_round_now_and_then_is_alive() -> None:
    assert not watched(Pulse(), [float(i // 100) for i in range(4_000)])


def test_who_stops_looking_round_is_found_after_a_minute() -> None:
    pulse = Pulse()
    still = int(HUNG_SECONDS / 0.25)
    assert not watched(pulse, [7.0] * still)
    assert watched(pulse, [7.0] * 2)


def test_a_process_that_was_frozen_is_well_when_it_goes_on() -> None:
    pulse = Pulse()
    assert not watched(pulse, [7.0] * 10)
    assert not pulse.stopped(7.0, pulse._seen + 10 * HUNG_SECONDS, runs=True)
    assert ASLEEP_SECONDS < HUNG_SECONDS


def test_a_paused_node_need_not_look_round() -> None:
    assert not watched(Pulse(), [7.0] * 1_000, runs=False)
