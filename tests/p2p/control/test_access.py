"""Who may ask what: A1 to A3 and A5, first the rules alone, then through real sockets."""

import hmac
import logging
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from p2p.control.access import Caller, Scope, TcpGate, UnixGate, demand, digest
from p2p.control.options import ControlOptions
from p2p.control.problems import Problem
from p2p.control.table import table
from p2p.control.tokens import token_of
from p2p.errors import NodeError
from tests.p2p.control.devices import FakeDevice, lively, serving

READ, WRITE = "r" * 43, "w" * 43
GATE: Final = TcpGate(port=4080, read=digest(READ), write=digest(WRITE))
HOST: Final = {"host": "127.0.0.1:4080"}


def refusal(headers: dict[str, str], method: str = "GET", gate: TcpGate = GATE) -> str:
    with pytest.raises(Problem) as caught:
        gate.scope(Caller(), headers, method)
    return caught.value.code


def test_A1_only_the_nodes_own_user_gets_in_and_may_do_everything() -> None:
    gate = UnixGate(uid=1000)
    assert gate.scope(Caller(uid=1000), {}, "GET") is Scope.WRITE
    for other in (Caller(uid=1001), Caller(uid=0), Caller(uid=None)):
        with pytest.raises(Problem) as caught:
            gate.scope(other, {}, "GET")
        assert caught.value.code == "other_user"


@pytest.mark.network
@pytest.mark.parametrize("path", ["/livez", "/v1/status"])
def test_A1_the_server_asks_the_kernel_who_connected(tmp_path: Path, path: str) -> None:
    store = tmp_path / "s"
    with serving(store, uid_of=lambda _socket: os.geteuid() + 1):
        transport = httpx.HTTPTransport(uds=str(store / "control.sock"))
        with httpx.Client(transport=transport, trust_env=False) as client:
            answer = client.get(f"http://localhost{path}")
    assert (answer.status_code, answer.json()["code"]) == (403, "other_user")


STRANGER: Final = """
import os, socket, sys
os.setgid(65534); os.setuid(65534)
knock = socket.socket(socket.AF_UNIX)
try:
    knock.connect(sys.argv[1])
except PermissionError:
    sys.exit("not let in")
knock.sendall(b"GET /v1/status HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
while some := knock.recv(65536):
    print(some.decode(), end="")
"""


@pytest.mark.network
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_A1_another_user_is_stopped_by_the_file_and_if_not_by_its_uid() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        path = str(directory / "control.sock")

        def knock() -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-c", STRANGER, path]
            return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

        with serving(directory / "store", socket=path):
            assert "not let in" in knock().stderr
            Path(path).chmod(0o666)  # somebody's mistake
            assert '"code": "other_user"' in knock().stdout


@pytest.mark.parametrize(
    "host",
    ["evil.example:4080", "evil.example", "127.0.0.1", "127.0.0.1:4081", "", "localhost.:4080",
     "[::1]:4080", "127.0.0.1:4080, evil.example", "127.0.0.1.evil.example:4080"],
)  # fmt: skip
def test_A2_a_host_that_is_not_ours_is_refused_even_with_a_token(host: str) -> None:
    assert refusal({"host": host, "authorization": f"Bearer {WRITE}"}) == "foreign_host"
    assert refusal({"authorization": f"Bearer {WRITE}"}) == "foreign_host"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:4080", "http://127.0.0.1:4081", "", "*",
     "http://localhost:4080", "file://"],
)  # fmt: skip
def test_A2_a_foreign_origin_is_refused_even_with_a_token(origin: str) -> None:
    headers = HOST | {"origin": origin, "authorization": f"Bearer {WRITE}"}
    assert refusal(headers, "POST") == "foreign_origin"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_A2_a_foreign_page_cannot_embed_or_post(site: str, method: str) -> None:
    headers = HOST | {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
    assert refusal(headers, method) == "foreign_origin"


def test_A2_our_own_page_a_typed_address_and_a_link_are_welcome() -> None:
    own = HOST | {"origin": "http://127.0.0.1:4080", "sec-fetch-site": "same-origin"}
    assert GATE.scope(Caller(), own | {"authorization": f"Bearer {READ}"}, "POST") is Scope.READ
    for site in ("none", "cross-site"):
        seen = HOST | {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}
        assert GATE.scope(Caller(), seen, "GET") is Scope.OPEN


@given(st.text(max_size=80))
@example(f"Bearer {WRITE} ")
@example(f"bearer  {WRITE}")
@example(f"Basic {WRITE}")
@example("Bearer")
@example(f"Bearer {WRITE[:-1]}")
def test_A3_no_token_but_the_two_opens_anything(given_header: str) -> None:
    kind, _, token = given_header.partition(" ")
    right = kind.lower() == "bearer" and token.strip() in (READ, WRITE)
    headers = HOST | {"authorization": given_header}
    if right:
        assert GATE.scope(Caller(), headers, "GET") >= Scope.READ
    else:
        assert refusal(headers) == "no_token"


@pytest.mark.parametrize("token", [READ, WRITE, "w", "x" * 43, "w" * 4_000])
def test_A3_both_comparisons_are_always_made_between_digests_of_one_length(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def noted(one: bytes, other: bytes) -> bool:
        made.append((len(one), len(other)))
        same: bool = compare(one, other)
        return same

    monkeypatch.setattr(hmac, "compare_digest", noted)
    try:
        GATE.scope(Caller(), HOST | {"authorization": f"Bearer {token}"}, "GET")
    except Problem as problem:
        assert problem.code == "no_token"  # noqa: PT017 - either is right, the count is the claim
    assert made == [(32, 32), (32, 32)]


@pytest.mark.network
def test_A3_tokens_are_in_no_log_answer_or_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store = tmp_path / "s"
    with serving(store, tcp_port=0) as (server, _rec):
        tokens = [token_of(store / f"control-{kind}.token") for kind in ("read", "write")]
        heard = ""
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            for token in (*tokens, tokens[0] + "x"):
                for path in ("/v1/status", "/nowhere", "/v1/level?x=1"):
                    answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
                    heard += answer.text + str(answer.headers)
        shown = repr(server) + repr(server._gate) + repr(vars(server))
    ours = "".join(one.getMessage() for one in caplog.records if one.name.startswith("p2p"))
    for token in tokens:
        assert token not in ours + heard + shown


def test_A3_a_token_file_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token = token_of(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert token_of(path) == token != token_of(tmp_path / "another")
    path.chmod(0o640)
    with pytest.raises(NodeError, match="others can read") as caught:
        token_of(path)
    assert token not in str(caught.value)


@pytest.mark.parametrize("content", ["", "short", "a b " * 20, "é" * 40, "x" * 600])
def test_a_token_file_without_a_token_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(NodeError, match="must hold one token") as caught:
        token_of(path)
    assert len(content) < 3 or content not in str(caught.value)


def test_a_link_in_place_of_a_token_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x" * 43)
    (tmp_path / "token").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NodeError, match="cannot read"):
        token_of(tmp_path / "token")


def test_A5_what_changes_anything_needs_the_write_scope(tmp_path: Path) -> None:
    with lively(tmp_path / "s") as rec:
        routes = table(rec, FakeDevice(), page=True, stop=None, exposition=lambda: b"")
    for route in routes:
        if route.method != "GET":
            assert route.needs is Scope.WRITE, route.path
    opened = {route.path for route in routes if route.needs is Scope.OPEN}
    assert opened == {"/", "/page/{file}", "/livez", "/readyz", "/v1/openapi.json"}


@pytest.mark.parametrize("has", list(Scope))
@pytest.mark.parametrize("needed", list(Scope))
def test_A5_a_scope_includes_those_before_it(needed: Scope, has: Scope) -> None:
    if has >= needed:
        demand(needed, has)
        assert has >= needed
    else:
        with pytest.raises(Problem) as caught:
            demand(needed, has)
        assert caught.value.code == ("no_token" if has is Scope.OPEN else "read_only_token")


@pytest.mark.network
def test_A5_over_tcp_a_token_does_what_its_scope_says_and_no_more(tmp_path: Path) -> None:
    store = tmp_path / "s"
    seen: dict[tuple[str, str], str] = {}
    with serving(store, tcp_port=0) as (server, rec):
        headers = {
            kind: {"Authorization": f"Bearer {token_of(store / f'control-{kind}.token')}"}
            for kind in ("read", "write")
        } | {"none": {}}
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            for kind, sent in headers.items():
                livez = client.get("/livez", headers=sent)
                look = client.get("/v1/outbox", headers=sent)
                change = client.put("/v1/level", json={"level": 3}, headers=sent)
                for what, answer in (("livez", livez), ("look", look), ("change", change)):
                    told = answer.json() if answer.status_code >= 400 else {"code": "done"}
                    seen[kind, what] = told["code"]
            assert look.headers.get("access-control-allow-origin") is None
            refused = client.put("/v1/level", json={"level": 0})
            assert refused.headers["www-authenticate"].startswith("Bearer")
        assert rec.log.level == 3
    assert seen == {
        ("none", "livez"): "done", ("none", "look"): "no_token", ("none", "change"): "no_token",
        ("read", "livez"): "done", ("read", "look"): "done",
        ("read", "change"): "read_only_token",
        ("write", "livez"): "done", ("write", "look"): "done", ("write", "change"): "done",
    }  # fmt: skip


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.0.2.1", "localhost", "", "127.0.0.1:80", "10.0.0.1"],  # noqa: S104
)
def test_tcp_on_anything_but_loopback_is_refused(host: str) -> None:
    with pytest.raises(NodeError, match="loopback"):
        ControlOptions(tcp_port=0, tcp_host=host)


@pytest.mark.network
@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_the_other_loopback_works_too(tmp_path: Path) -> None:
    try:
        with serving(tmp_path / "s", tcp_port=0, tcp_host="::1", socket="") as (server, _rec):
            answer = httpx.get(f"{server.url}/livez", trust_env=False)
    except NodeError as error:
        pytest.skip(f"no IPv6 loopback here: {error}")
    assert answer.json() == {"alive": True}
