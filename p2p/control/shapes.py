"""The API's answers as types for callers; openapi.json says the same, and a test compares them."""

from typing import TypedDict


class ModelUsed(TypedDict):
    """The model on the shelf; its publisher is pinned."""

    name: str
    version: int


class ModelDraft(TypedDict):
    """A model that is being fetched, and how much of it is here."""

    name: str
    version: int
    bytes: int
    size: int


class Models(TypedDict):
    """Models between peers: the one on the shelf, one on its way, how many came, bytes moved."""

    used: ModelUsed | None
    fetching: ModelDraft | None
    fetched: int
    bytes: int


class Status(TypedDict):
    """One look at node, log and level."""

    version: str
    did: str
    state: str
    peer_id: str
    addresses: list[str]
    peers: list[str]
    records_sent: int
    records_received: int
    records_verified: int
    records_stored: int
    records_rejected: int
    messages_sent: int
    messages_received: int
    messages_dropped: int
    syncs: int
    bytes_synced: int
    refused: int
    restarts: int
    synced: int | None
    known: int
    level: int
    meaning: str
    models: Models
    log: dict[str, int]


class Peer(TypedDict):
    """A connected peer, by its transport name."""

    peer: str
    direction: str
    address: str
    since: int | None
    synced: int | None
    reputation: float
    offences: int


class Banned(TypedDict):
    """A peer that is refused until then (unix ms)."""

    peer: str
    until: int


class Unreachable(TypedDict):
    """An address that should be connected, and why it is not."""

    address: str
    why: str


class Peers(TypedDict):
    """Who is connected, banned, or cannot be reached."""

    peers: list[Peer]
    banned: list[Banned]
    unreachable: list[Unreachable]


class Address(TypedDict):
    """One address the node knows."""

    address: str
    source: str
    anchor: bool


class Book(TypedDict):
    """All of them."""

    addresses: list[Address]


class Person(TypedDict):
    """An author of records, as the ego sees it."""

    peer: str
    reach: float
    records: int
    name: str
    trust: float | None
    blocked: bool


class People(TypedDict):
    """Whom the ego trusts, named or blocked; how many others are known."""

    people: list[Person]
    others: int


class Blocked(TypedDict):
    """A peer that is never heard."""

    peer: str
    name: str


class Blocks(TypedDict):
    """All of them."""

    blocks: list[Blocked]


class Trusted(TypedDict):
    """What was kept of a trust edge: in eighths."""

    peer: str
    trust: float
    name: str


class Blocking(TypedDict):
    """Whether a peer is heard now."""

    peer: str
    blocked: bool


class Place(TypedDict):
    """A place in a list."""

    rank: int
    id: str
    title: str
    creator: str
    tags: list[str]
    score: float
    reason: str
    source: str


class Listing(TypedDict):
    """A list, best first."""

    batch: str
    made: int
    protected: bool
    overruns: int
    note: str
    model: str | None
    model_note: str
    items: list[Place]


class Part(TypedDict):
    """Through whom a part of a score came."""

    peer: str | None
    name: str
    role: str
    amount: float


class Line(TypedDict):
    """The strongest line: you, your item, somebody, this item."""

    own: str
    own_title: str
    peer: str
    via: str | None


class Explanation(TypedDict):
    """Why an item stands in a list."""

    batch: str
    id: str
    title: str
    creator: str
    tags: list[str]
    score: float
    reason: str
    source: str
    contributions: list[Part]
    path: Line | None


class Pending(TypedDict):
    """A record that waits to leave: its fields on the wire, its bytes, and what stays here."""

    author: str
    n: int
    kind: str
    item: str
    weight: int
    t: str
    x: str
    bytes: int
    due: str
    level: int
    crowded: bool
    known_as: str
    envelope: str


class Outbox(TypedDict):
    """Everything that would leave."""

    level: int
    meaning: str
    records: list[Pending]


class Level(TypedDict):
    """The privacy level, and what it means."""

    level: int
    meaning: str


class Recorded(TypedDict):
    """How many acts were taken, and how many became records."""

    acts: int
    records: int


class Withheld(TypedDict):
    """What is never shared."""

    items: list[str]
    tags: list[str]


class Withholding(TypedDict):
    """What had to do with an item or a tag when it was put on the list."""

    stopped: int
    left: int
    retractions: int


class Unwithheld(TypedDict):
    """Whether it had been on the list."""

    was: bool


class Private(TypedDict):
    """Whether what is done now stays here for good."""

    private: bool


class Imported(TypedDict):
    """How many acts were new."""

    acts: int


class Described(TypedDict):
    """How many items were described."""

    items: int


class Proofs(TypedDict):
    """What a receipt can be checked by; names nothing."""

    salt: str
    log: str
    gone: list[str]
    subjects: list[str]
    asked: list[list[str | int]]
    records: int
    feedback: int


class Receipt(TypedDict):
    """What was (or, rehearsed, would be) erased, and what others are asked to."""

    receipt: int
    wish: str
    at: int
    took_ms: float
    removed: dict[str, int]
    derived: dict[str, int]
    retractions: int
    audit: dict[str, bool]
    author: str
    proofs: Proofs
    signature: str
    dry_run: bool


class State(TypedDict):
    """What the node is doing now."""

    state: str


class Ban(TypedDict):
    """How long a peer is refused from now."""

    seconds: float


class Ready(TypedDict):
    """Whether the node is of use."""

    ready: bool
    network: str
    log: str


class Alive(TypedDict):
    """The process answers."""

    alive: bool
