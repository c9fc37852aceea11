"""openapi.json is hand-kept; here it is held against the router, the answers and the clients."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validators

from p2p.control import Client, shapes
from p2p.control.acting import Acting
from p2p.control.fields import Fields
from p2p.control.keeping import Keeping
from p2p.control.network import Moving
from p2p.control.problems import Problem
from p2p.control.routing import Asked
from p2p.control.table import table
from tests.p2p.control.devices import ADDRESS, ANN_DID, FakeDevice, lively, serving
from web3rec.recommender import Recommender

FILE: Final = files("p2p.control") / "openapi.json"
DOCUMENT: Final[dict[str, Any]] = json.loads(FILE.read_text())
METHODS: Final = ("get", "put", "post", "delete")


def nothing() -> None:
    """Asked to stop."""


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with lively(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def validator(name: str) -> Any:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return Draft202012Validator(schema)


def operation(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]
    return found


def test_every_schema_is_one() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert DOCUMENT["openapi"] == "3.1.0"


def test_router_and_document_name_the_same_methods_and_needs(rec: Recommender) -> None:
    routes = table(rec, FakeDevice(), page=True, stop=nothing, exposition=lambda: b"")
    routed = {(r.method, r.path): r.needs.name.lower() for r in routes}
    written = {
        (method.upper(), path): next((s for one in op["security"] for s in one["token"]), "open")
        for path, item in DOCUMENT["paths"].items()
        for method, op in item.items()
        if method in METHODS
    }
    assert written == routed


def test_router_and_document_agree_on_who_takes_a_body(rec: Recommender) -> None:
    routes = table(rec, FakeDevice(), page=True, stop=nothing, exposition=lambda: b"")
    for route in routes:
        body = operation(route.method, route.path).get("requestBody", {"content": {}})
        assert list(body["content"]) == [route.takes] * bool(route.takes), route.path


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [
        item[m]["operationId"] for item in DOCUMENT["paths"].values() for m in METHODS if m in item
    ]
    assert len(set(names)) == len(names) > 25


def test_answers_of_a_live_node_are_as_the_document_says(tmp_path: Path) -> None:
    asked: list[tuple[str, str, Any, int]] = []
    store = tmp_path / "s"
    with serving(store, metrics=True, stop=nothing), Client(store) as node:

        def ask(method: str, path: str, at: str = "", **more: Any) -> Any:
            answer = node._http.request(method, at or path, **more)
            asked.append((method, path, answer, answer.status_code))
            return answer

        listing = ask("GET", "/v1/recommendations", params={"words": "jazz"}).json()
        listing = ask("GET", "/v1/recommendations").json()
        first = listing["items"][0]["id"]
        of = {"item": first, "batch": listing["batch"]}
        ask("GET", "/v1/explanations", params=of)
        ask("GET", "/v1/explanations", params={"item": first})
        ask("GET", "/v1/explanations", params={"item": "trk:jazz"})
        for path in (
            "livez", "readyz", "v1/status", "v1/peers", "v1/book", "v1/trust", "v1/blocks",
            "v1/outbox", "v1/level", "v1/withheld", "v1/private",
        ):  # fmt: skip
            ask("GET", f"/{path}")
        ask("PUT", "/v1/trust/{peer}", f"/v1/trust/{ANN_DID}", json={"weight": 0.5})
        ask("PUT", "/v1/blocks/{peer}", f"/v1/blocks/{ANN_DID}")
        ask("GET", "/v1/blocks")
        ask("DELETE", "/v1/blocks/{peer}", f"/v1/blocks/{ANN_DID}")
        ask("DELETE", "/v1/trust/{peer}", f"/v1/trust/{ANN_DID}")
        ask("POST", "/v1/acts", json={"acts": [{"event": "play", "item": "trk:1"}]})
        ask("POST", "/v1/items", json={"items": [{"id": "trk:1", "tags": ["a"]}]})
        ask("PUT", "/v1/level", json={"level": 2})
        ask("POST", "/v1/withheld", json={"tag": "secret"})
        ask("DELETE", "/v1/withheld", params={"tag": "secret"})
        ask("PUT", "/v1/private", json={"private": False})
        lines = {"Content-Type": "application/jsonl"}
        ask("POST", "/v1/import", content=b'{"type": "item", "id": "a"}', headers=lines)
        ask("POST", "/v1/forget", json={"item": "trk:1", "rehearse": True})
        ask("POST", "/v1/forget", json={"all": True})
        ask("POST", "/v1/peers/dial", json={"address": ADDRESS})
        ask("POST", "/v1/peers/ban", json={"peer": "12D3KooW", "seconds": 60})
        ask("POST", "/v1/peers/unban", json={"peer": "12D3KooW"})
        for path in ("sync", "pause", "resume", "shutdown"):
            ask("POST", f"/v1/{path}")
        ask("POST", "/v1/acts", json={})
    for method, path, answer, status in asked:
        responses = operation(method, path)["responses"]
        if str(status) in responses:
            name = responses[str(status)]["content"]["application/json"]["schema"]["$ref"]
        else:
            assert status >= 400, (method, path, status)
            assert answer.headers["content-type"] == "application/problem+json"
            name = "/Problem"
        validator(name.rpartition("/")[2]).validate(answer.json())
    json_operations = {
        (m.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for m in METHODS
        if m in item
        and path not in ("/", "/metrics", "/v1/events", "/v1/openapi.json", "/v1/export")
        and not path.startswith("/page/")
    }
    well = {(method, path) for method, path, _, status in asked if status < 400}
    assert well == json_operations


def test_the_clients_shapes_are_the_documents() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    compared = 0
    for name, shape in vars(shapes).items():
        if isinstance(shape, type) and name != "TypedDict":
            keys = set(get_type_hints(shape))
            assert keys == set(schemas[name]["properties"]) == set(schemas[name]["required"]), name
            compared += 1
    assert compared > 20


# -- what is refused: the document as an oracle ---------------------------------------------------

keys = st.sampled_from(
    ["event", "item", "at", "weight", "batch", "title", "since", "peer", "all", "rehearse", "name",
     "level", "address", "seconds", "tag", "retract", "private",
     "id", "creator", "tags", "acts", "items", "other"]
)  # fmt: skip
leaves = st.one_of(
    st.sampled_from(["like", "play", "trk:1", "", "/ip4/1", ANN_DID, "*", "a" * 600, "jazz"]),
    st.integers(-1, 10),
    st.sampled_from([0.5, 1.0, True, False, 253402300799999, 253402300800000, 31536001]),
)
objects = st.dictionaries(keys, st.one_of(leaves, st.lists(leaves, max_size=3)), max_size=5)
values = st.one_of(leaves, st.lists(leaves, max_size=3), st.lists(objects, max_size=3))
bodies = st.dictionaries(keys, values, max_size=5)
acts = st.fixed_dictionaries(
    {"event": leaves, "item": leaves}, optional={"weight": leaves, "at": leaves}
)
likely = st.one_of(
    bodies,
    st.fixed_dictionaries({"acts": st.lists(objects, max_size=3)}),
    st.fixed_dictionaries({"acts": st.lists(acts, max_size=2)}),
    st.fixed_dictionaries({"items": st.lists(st.fixed_dictionaries({"id": leaves}), max_size=2)}),
    st.fixed_dictionaries({}, optional={"item": leaves, "all": leaves, "rehearse": leaves}),
    st.fixed_dictionaries({"weight": leaves}, optional={"name": leaves}),
    st.fixed_dictionaries({"level": leaves}),
    st.fixed_dictionaries({"private": leaves}),
    st.fixed_dictionaries({}, optional={"item": leaves, "tag": leaves, "retract": leaves}),
    st.fixed_dictionaries({"peer": leaves}, optional={"seconds": leaves}),
)  # fmt: skip

# What the document cannot say of an id, a key or a moment, the server still may refuse.
Whole = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _checker, one: isinstance(one, int) and not isinstance(one, bool)
    ),
)


@pytest.mark.parametrize(
    ("schema", "path"),
    [("Acts", {}), ("Items", {}), ("Trust", {"peer": ANN_DID}), ("Choose", {}), ("Wish", {}),
     ("Dial", {}), ("Refuse", {}), ("Admit", {}), ("Withhold", {}), ("Private", {})],
)  # fmt: skip
@given(body=likely)
def test_what_the_server_takes_the_document_allows(
    rec: Recommender, schema: str, path: dict[str, object], body: dict[str, object]
) -> None:
    do, move, keep = Acting(rec), Moving(FakeDevice(), None), Keeping(rec)
    handlers: dict[str, Callable[[Asked], Any]] = {
        "Acts": do.record, "Items": do.describe, "Trust": do.trust, "Choose": do.level,
        "Wish": do.forget, "Dial": move.dial, "Refuse": move.ban, "Admit": move.unban,
        "Withhold": keep.withhold, "Private": keep.be_private,
    }  # fmt: skip
    asked = Asked(Fields(path), Fields({}), Fields(body))
    if taken(handlers[schema], asked):
        errors = [one.message for one in Whole(validator(schema).schema).iter_errors(body)]
        assert not errors, body


def taken(handler: Callable[[Asked], Any], asked: Asked) -> bool:
    try:
        handler(asked)
        asked.done()
    except Problem:
        return False
    return True
