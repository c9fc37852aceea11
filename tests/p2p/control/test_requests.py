"""Any bytes get a well-formed answer or a close, in bounded time, and the server goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from p2p.control.problems import TITLES
from tests.p2p.control.devices import lively
from tests.p2p.control.raw import GATE, OURS, Desk, Reply, replies, reply, request
from tests.p2p.control.test_openapi import validator
from web3rec.recommender import Recommender

PROBLEM: Draft202012Validator = validator("Problem")


@pytest.fixture(scope="module")
def rec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recommender]:
    with lively(tmp_path_factory.mktemp("store")) as opened:
        yield opened


def is_problem(answer: Reply, code: str) -> bool:
    """A4: well-formed, and that one."""
    assert answer.headers["content-type"] == "application/problem+json"
    PROBLEM.validate(answer.json)
    assert (answer.json["code"], answer.json["status"]) == (code, answer.status), answer.json
    assert TITLES[code][0] == answer.status
    return True


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"HELLO\r\n\r\n", "malformed_request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "malformed_request"),
        (b"GET / HTTP/1.1\r\n\r\n", "malformed_request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "malformed_request"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "malformed_request"),
        (request("/v1/status?a=%ff"), "malformed_request"),
        (request("/v1/status?a"), "malformed_request"),
        (request("/v1/trust/%ff", "DELETE"), "malformed_request"),
        (request("/v1/status?" + "a=1&" * 300), "malformed_request"),
        (request("/" + "a" * 20_000), "headers_too_large"),
        (request("/v1/status", headers={"X": "a" * 20_000}), "headers_too_large"),
        (request("/v2/status"), "not_found"),
        (request("/v1/trust/"), "not_found"),
        (request("/page/../openapi.json"), "not_found"),
        (request("/page/%2e%2e/openapi.json"), "not_found"),
        (request("http://localhost/v1/status"), "not_found"),
        (request("/v1/status", "POST"), "method_not_allowed"),
        (request("/v1/status", "BREW"), "method_not_allowed"),
        (request("localhost:80", "CONNECT"), "not_found"),
        (request("/v1/status?limit=1"), "unknown_key"),
        (request("/v1/recommendations?limit=0"), "wrong_value"),
        (request("/v1/recommendations?limit=1&limit=2"), "wrong_value"),
        (request("/v1/explanations"), "missing_key"),
        (request("/v1/acts", "POST", b"{}"), "missing_key"),
        (request("/v1/acts", "POST"), "missing_key"),
        (request("/v1/acts", "POST", b"{"), "not_json"),
        (request("/v1/acts", "POST", b"[]"), "not_json"),
        (request("/v1/acts", "POST", b"\xff\xfe{\x00}\x00"), "not_json"),
        (request("/v1/acts", "POST", b'{"acts": NaN}'), "not_json"),
        (request("/v1/acts", "POST", b'{"acts": 1e999}'), "not_json"),
        (request("/v1/acts", "POST", b'{"acts": 1, "acts": 2}'), "not_json"),
        (request("/v1/acts", "POST", b'{"acts": ' + b"9" * 5_000 + b"}"), "not_json"),
        (request("/v1/acts", "POST", b"[" * 100_000), "not_json"),
        (request("/v1/acts", "POST", b'{"acts": [{"item": "\\ud800"}]}'), "missing_key"),
        (
            request("/v1/acts", "POST", b'{"acts": [{"event": "like", "item": "\\ud800"}]}'),
            "wrong_value",
        ),
        (
            request("/v1/acts", "POST", b"{}", {"Content-Type": "text/plain"}),
            "unsupported_media_type",
        ),
        (
            request("/v1/level", "PUT", b"a=b", {"Content-Type": "multipart/form-data"}),
            "unsupported_media_type",
        ),
        (request("/v1/level", "PUT", b'{"level": true}'), "wrong_value"),
        (request("/v1/level", "PUT", b'{"level": 1, "extra": 2}'), "unknown_key"),
        (request("/v1/level", "PUT", b" " * 1_048_577), "body_too_large"),
        (request("/v1/pause", "POST", b"{}"), "unexpected_body"),
        (request("/v1/status", "GET", b"{}"), "unexpected_body"),
        (request("/v1/shutdown", "POST"), "not_available"),
    ],
    ids=lambda one: one if isinstance(one, str) else "request",
)  # fmt: skip
async def test_A4_every_wrong_request_gets_a_problem_with_its_code(
    rec: Recommender, data: bytes, code: str
) -> None:
    assert is_problem(await Desk(rec).ask(data), code)


async def test_A4_an_unknown_key_is_named(rec: Recommender) -> None:
    body = b'{"acts": [{"event": "like", "item": "a", "colour": 1}]}'
    answer = await Desk(rec).ask(request("/v1/acts", "POST", body))
    assert answer.json["detail"] == "acts[0].colour is not known here"


async def test_A4_a_fault_of_ours_is_internal_and_says_nothing_of_it(
    rec: Recommender, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_action: Any) -> Any:
        raise RuntimeError("secret of did:key:z6Mk")

    answer = await Desk(rec, run=broken).ask(request("/v1/status"))
    assert is_problem(answer, "internal")
    assert "secret" not in answer.body.decode() + caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_head_is_get_without_its_body_and_options_says_what_is_allowed(
    rec: Recommender, method: str
) -> None:
    answer = await Desk(rec).ask(request("/v1/level", method), method=method)
    assert answer.status == (204 if method == "OPTIONS" else 200)
    assert bool(answer.body) == (method == "GET")
    if method == "OPTIONS":
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    else:
        assert int(answer.headers["content-length"]) > 0
    assert "access-control-allow-origin" not in answer.headers


async def test_a_405_says_what_is_allowed(rec: Recommender) -> None:
    answer = await Desk(rec).ask(request("/v1/trust", "POST"))
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_one_connection_carries_many_requests_even_sent_at_once(rec: Recommender) -> None:
    desk = Desk(rec)
    async with trio.open_nursery() as nursery:
        stream = desk.connect(nursery)
        body = json.dumps({"level": 1}).encode()
        await stream.send_all(
            request("/v1/level") + request("/v1/level", "PUT", body) + request("/nowhere")
        )
        found = await replies(stream, 3)
        await stream.aclose()
    assert [one.status for one in found] == [200, 200, 404]


async def test_a_body_in_chunks_and_an_expectation_are_understood(rec: Recommender) -> None:
    async with trio.open_nursery() as nursery:
        stream = Desk(rec).connect(nursery)
        await stream.send_all(
            b"PUT /v1/level HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
        )
        assert b"100" in bytes(await stream.receive_some(100))
        await stream.send_all(b'5\r\n{"lev\r\n6\r\nel":1}\r\n0\r\n\r\n')
        answer = await reply(stream)
        await stream.aclose()
    assert answer.json["level"] == 1


# -- time and number ------------------------------------------------------------------------------


async def test_a_request_that_does_not_end_is_timed_out(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    for slow in (b"GET / HT", request("/v1/level", "PUT", b'{"level": 1}')[:-1]):
        began = trio.current_time()
        assert is_problem(await Desk(rec).ask(slow), "request_timeout")
        assert trio.current_time() - began <= 10.1


async def test_bytes_that_trickle_buy_no_time(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    desk = Desk(rec)
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        stream = desk.connect(nursery)

        async def trickle() -> None:
            while True:
                await stream.send_all(b"a")
                await trio.sleep(1)

        await stream.send_all(b"GET /")
        nursery.start_soon(trickle)
        answer = await reply(stream)
        nursery.cancel_scope.cancel()
    assert is_problem(answer, "request_timeout")
    assert trio.current_time() - began <= 10.1


async def test_an_idle_connection_is_closed_without_a_word(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as nursery:
        stream = Desk(rec).connect(nursery)
        with trio.fail_after(61):
            assert bytes(await stream.receive_some(10)) == b""


async def test_slow_callers_do_not_stall_others(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    desk = Desk(rec, connections=8)
    async with trio.open_nursery() as nursery:
        for _ in range(7):
            slow = desk.connect(nursery)
            await slow.send_all(b"GET /liv")
        began = trio.current_time()
        stream = desk.connect(nursery)
        await stream.send_all(request("/livez"))
        assert (await reply(stream)).status == 200
        assert trio.current_time() - began < 0.1
        nursery.cancel_scope.cancel()


async def test_one_connection_too_many_is_told_and_ten_seconds_later_there_is_room(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    desk = Desk(rec, connections=2)
    async with trio.open_nursery() as nursery:
        for _ in range(2):
            await desk.connect(nursery).send_all(b"GET /liv")
        await trio.testing.wait_all_tasks_blocked()
        assert is_problem(await reply(desk.connect(nursery)), "busy")
        await trio.sleep(10.1)
        stream = desk.connect(nursery)
        await stream.send_all(request("/livez"))
        assert (await reply(stream)).status == 200
        nursery.cancel_scope.cancel()


async def test_whoever_idles_longest_gives_way(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:
    desk = Desk(rec, connections=2)
    async with trio.open_nursery() as nursery:
        idle = []
        for _ in range(2):
            idle.append(desk.connect(nursery))
            await trio.testing.wait_all_tasks_blocked()
        third = desk.connect(nursery)
        await third.send_all(request("/livez"))
        assert (await reply(third)).status == 200
        assert bytes(await idle[0].receive_some(1)) == b""
        await idle[1].send_all(request("/livez"))
        assert (await reply(idle[1])).status == 200
        nursery.cancel_scope.cancel()


async def test_who_does_not_read_its_answer_is_let_go(
    rec: Recommender, autojump_clock: trio.testing.MockClock
) -> None:

    desk = Desk(rec)
    ours, theirs = trio.testing.lockstep_stream_pair()  # takes nothing before it is read
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.talks.talk, theirs, OURS, GATE)
        await ours.send_all(request("/livez"))
        with trio.fail_after(11):
            await trio.sleep(10.5)
            while nursery.child_tasks:  # noqa: ASYNC110 - virtual time
                await trio.sleep(0.1)


# -- any bytes ------------------------------------------------------------------------------------

targets = st.sampled_from(
    ["/", "/livez", "/readyz", "/metrics", "/v1/status", "/v1/peers", "/v1/acts", "/v1/level",
     "/v1/trust/x", "/v1/forget", "/v1/recommendations?limit=3", "/v1/explanations?item=a", "*",
     "/v1/outbox", "//", "/%", "/v1/blocks/%00"]
)  # fmt: skip
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "CONNECT", "X"])
heads = st.dictionaries(
    st.sampled_from(
        ["Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "Content-Type",
         "Host", "Origin", "Authorization"]
    ),
    st.sampled_from(
        ["0", "2", "-1", "chunked", "close", "keep-alive", "100-continue", "h2c", "x" * 300,
         "application/json", "localhost", "\x00", "é"]
    ),
    max_size=4,
)  # fmt: skip
requests = st.builds(
    request,
    targets, methods, st.one_of(st.just(b""), st.binary(max_size=40), st.just(b"{}")), heads,
)  # fmt: skip
streams = st.one_of(
    st.binary(max_size=300),
    st.lists(st.one_of(requests, requests, st.binary(max_size=30)), max_size=4).map(b"".join),
    st.tuples(requests, st.integers(0, 400), st.binary(max_size=3)).map(
        lambda made: made[0][: made[1]] + made[2] + made[0][made[1] :]
    ),
)


@given(data=streams)
def test_A4_any_bytes_get_well_formed_answers_or_a_close(rec: Recommender, data: bytes) -> None:
    async def talk() -> bytes:
        desk = Desk(rec)
        async with trio.open_nursery() as nursery:
            stream = desk.connect(nursery)
            received = b""
            with trio.fail_after(200):
                try:
                    await stream.send_all(data)
                    if hasattr(stream, "send_eof"):
                        await stream.send_eof()
                except trio.BrokenResourceError:
                    pass
                while some := bytes(await stream.receive_some(65_536)):
                    received += some
            again = desk.connect(nursery)
            await again.send_all(request("/livez"))
            assert (await reply(again)).status == 200
            await again.aclose()
            nursery.cancel_scope.cancel()
        return received

    received = trio.run(talk, clock=trio.testing.MockClock(autojump_threshold=0))
    first, _, _ = received.partition(b"\r\n")
    assert not received or first.startswith(b"HTTP/1.1 ")
    codes = {code for code, _ in TITLES.values()} | {100, 200, 202, 204}
    for line in received.split(b"\r\n"):
        if line.startswith(b"HTTP/1.1 "):
            assert int(line[9:12]) in codes - {500}, line
