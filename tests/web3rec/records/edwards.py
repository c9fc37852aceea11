"""The curve of Ed25519 in plain integers: slow, obvious, the oracle of test_keys.

Source: RFC 8032 §5.1.
"""

from typing import Final

P: Final = 2**255 - 19
L: Final = 2**252 + 27742317777372353535851937790883648493
D: Final = -121665 * pow(121666, -1, P) % P

Point = tuple[int, int]
IDENTITY: Final[Point] = (0, 1)


def add(a: Point, b: Point) -> Point:
    """The sum of two points: complete addition in affine coordinates."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def times(k: int, a: Point) -> Point:
    """The point k * a, by doubling."""
    total = IDENTITY
    while k:
        if k & 1:
            total = add(total, a)
        a, k = add(a, a), k >> 1
    return total


def point_at(y: int) -> Point | None:
    """The point with this y and an even x; None if there is none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        return None
    return (P - x if x & 1 else x), y


def torsion() -> set[Point]:
    """The 8 points whose order divides 8."""
    for y in range(2, 100):
        found = point_at(y)
        if found is not None:
            eighth = times(L, found)
            points = {times(k, eighth) for k in range(8)}
            if len(points) == 8:
                return points
    raise AssertionError("no point of full order below y = 100")


def spellings(point: Point) -> set[bytes]:
    """Every 32-byte string that a lenient decoder reads as this point, canonical or not."""
    x, y = point
    signs = {0, 1} if x == 0 else {x & 1}
    return {
        (spelt | sign << 255).to_bytes(32, "little")
        for spelt in (y, y + P)
        if spelt < 2**255
        for sign in signs
    }
