"""Protobuf's wire format, read totally: any bytes give fields or `Unfit`, and nothing else.

Stricter than protobuf in what could be read in two ways: a varint has its shortest form, a tag is
below 2^32, groups are refused, and so is a field that a message has once and the bytes twice
(protobuf would merge the two). Source: protobuf.dev, "Encoding".
"""

from collections.abc import Iterator, Mapping
from typing import Final

from web3rec.rerank.bundle.refusal import Ground, Unfit

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5

Value = int | bytes
MAX_FIELDS: Final = 65_536
"""Fields of one message, or numbers of one list; large tensors are raw bytes, read in no time."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that starts there, in [0, 2^64), and where it ends.

    Raises:
        Unfit: LAYOUT: cut off, not the shortest form, or too large.
    """
    number = 0
    for step in range(10):
        if at + step >= len(data):
            raise Unfit(Ground.LAYOUT, "model.onnx is cut off inside a number")
        byte = data[at + step]
        number |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            if (byte == 0 and step) or number >= 2**64:
                break
            return number, at + step + 1
    raise Unfit(Ground.LAYOUT, "a number in model.onnx is too long")


def fields(data: bytes) -> Iterator[tuple[int, int, Value]]:
    """Number, wire type and value of each field: int for VARINT, else the bytes. O(len(data)).

    Raises:
        Unfit: LAYOUT, while it is read.
    """
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, wire = tag >> 3, tag & 7
        if not 1 <= number < 2**29:
            raise Unfit(Ground.LAYOUT, "model.onnx has a field without a number")
        if wire == VARINT:
            value, at = varint(data, at)
            yield number, wire, value
            continue
        if wire == BYTES:
            size, at = varint(data, at)
        elif wire in (FIXED64, FIXED32):
            size = 8 if wire == FIXED64 else 4
        else:
            raise Unfit(Ground.LAYOUT, "model.onnx has a group, which no longer exists")
        if size > len(data) - at:
            raise Unfit(Ground.LAYOUT, "model.onnx is cut off inside a field")
        yield number, wire, data[at : at + size]
        at += size


def message(
    data: bytes, once: Mapping[int, int], often: Mapping[int, frozenset[int]], what: str
) -> tuple[dict[int, Value], dict[int, list[tuple[int, Value]]]]:
    """A message of known fields, and no others.

    Args:
        data: its bytes.
        once: number -> wire type of fields that it has at most once.
        often: number -> wire types of fields that it may have often (packed or not).
        what: what it is, for people.

    Returns:
        The values of `once` that are there; for each of `often` its wire types and values in order.

    Raises:
        Unfit: OPERATOR for a field that is not listed; LAYOUT for bytes that are no such message.
    """
    single: dict[int, Value] = {}
    many: dict[int, list[tuple[int, Value]]] = {number: [] for number in often}
    for count, (number, wire, value) in enumerate(fields(data)):
        if count >= MAX_FIELDS:
            raise Unfit(Ground.SIZE, f"{what} has more than {MAX_FIELDS} fields")
        if number in once:
            if wire != once[number] or number in single:
                raise Unfit(Ground.LAYOUT, f"field {number} of {what} twice, or of another type")
            single[number] = value
        elif number in often:
            if wire not in often[number]:
                raise Unfit(Ground.LAYOUT, f"field {number} of {what} is of another type")
            many[number].append((wire, value))
        else:
            raise Unfit(Ground.OPERATOR, f"field {number} of {what} is not on the list")
    return single, many


def numbers(found: list[tuple[int, Value]]) -> list[int]:
    """Repeated varints, packed or not, as signed 64-bit.

    Raises:
        Unfit: LAYOUT.
    """
    read: list[int] = []
    for _, value in found:
        if isinstance(value, int):
            read.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = varint(value, at)
            read.append(number)
            if len(read) > MAX_FIELDS:
                raise Unfit(Ground.SIZE, f"a list of more than {MAX_FIELDS} numbers one by one")
    return [number - 2**64 if number >= 2**63 else number for number in read]


def text(value: Value) -> str:
    """A string.

    Raises:
        Unfit: LAYOUT: not UTF-8.
    """
    try:
        return value.decode("utf-8") if isinstance(value, bytes) else ""
    except UnicodeDecodeError:
        raise Unfit(Ground.LAYOUT, "a name in model.onnx is not UTF-8") from None
