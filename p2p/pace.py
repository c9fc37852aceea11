"""How fast one stranger may go: who is quicker is kept waiting, not turned away.

Pure: amounts and times in, seconds to wait out. Not reading is how TCP tells a peer to slow down,
so an honest peer in a hurry loses nothing by it.
"""


class Pace:
    """An amount that flows back with time; spending more makes a debt to be waited for."""

    def __init__(self, rate: float, burst: float) -> None:
        """`rate` flows back a second, > 0; `burst` may be spent at once."""
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._since = float("-inf")

    def spend(self, amount: float, now: float) -> float:
        """Spend it; the seconds to wait before going on, 0 if it was there.

        `now` is in seconds of a clock that does not run backwards.
        """
        self._refill(now)
        self._left -= amount
        return max(0.0, -self._left / self._rate)

    def affords(self, amount: float, now: float) -> bool:
        """Spend it if it is there."""
        self._refill(now)
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def _refill(self, now: float) -> None:
        self._left = min(self._burst, self._left + self._rate * max(0.0, now - self._since))
        self._since = max(self._since, now)
