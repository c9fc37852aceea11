"""An endpoint on loopback that speaks `chat/completions`: a model with a taste, and with faults.

Its taste is a number for each title; what it answers is computed from what it reads in the prompt,
like a real one's answer. `faults` are taken one a request, before it answers properly.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

Fault = Callable[["_Handler"], None]


@dataclass
class Model:
    """What the endpoint can do, and what it was asked."""

    taste: Mapping[str, float] = field(default_factory=dict)
    letters: bool = True
    yes_no: bool = True
    orders: bool = True
    faults: list[Fault] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def reply(self, asked: dict[str, Any]) -> dict[str, Any]:
        text = asked["messages"][-1]["content"]
        listed = dict(re.findall(r'^([A-T]): (".*")$', text, re.MULTILINE))
        liking = {letter: self.taste.get(json.loads(t), 0.0) for letter, t in listed.items()}
        if "response_format" in asked:
            best = sorted(liking, key=lambda letter: (-liking[letter], letter))
            return _said(json.dumps({"order": best}) if self.orders else "I would rather not.")
        if listed and self.letters:
            total = np.logaddexp.reduce(list(liking.values()))
            tokens = {letter: value - total for letter, value in liking.items()}
            return _said(max(tokens, key=tokens.__getitem__), tokens)
        if not listed and self.yes_no:
            (title,) = re.findall(r'^Candidate:\n- (".*")$', text, re.MULTILINE)
            odds = self.taste.get(json.loads(title), 0.0)
            return _said("Yes", {" Yes": -np.logaddexp(0, -odds), "No": -np.logaddexp(0, odds)})
        return _said("Sure!")


def _said(word: str, tokens: Mapping[str, float] | None = None) -> dict[str, Any]:
    choice: dict[str, Any] = {"message": {"role": "assistant", "content": word}}
    if tokens:
        top = [{"token": token, "logprob": float(value)} for token, value in tokens.items()]
        choice["logprobs"] = {"content": [{"token": word, "top_logprobs": top}]}
    return {"object": "chat.completion", "choices": [choice]}


class _Handler(BaseHTTPRequestHandler):
    model: Model

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.model.lock:
            self.model.requests.append(asked | {"authorization": self.headers["authorization"]})
            fault = self.model.faults.pop(0) if self.model.faults else None
        if self.path != "/v1/chat/completions":
            self.answer(b"{}", status=404)
        elif fault is None:
            self.answer(json.dumps(self.model.reply(asked)).encode())
        else:
            fault(self)

    def answer(self, body: bytes, *, status: int = 200, length: int = -1, **headers: Any) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body) if length < 0 else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def status(code: int, **headers: Any) -> Fault:
    return lambda handler: handler.answer(b"busy", status=code, **headers)


def says(body: bytes) -> Fault:
    """Anything, as if it were an answer."""
    return lambda handler: handler.answer(body)


def cut_off(handler: _Handler) -> None:
    """Half an answer, then the connection ends."""
    handler.answer(b'{"choices": [{"mess', length=500)
    handler.close_connection = True


def stalls(handler: _Handler) -> None:
    """Half an answer, then nothing until the test is over."""
    handler.answer(b'{"choices": [{"mess', length=500)
    handler.wfile.flush()
    hangs(handler)


def hangs(handler: _Handler) -> None:
    """No answer until the test is over."""
    handler.model.over.wait(30)
    handler.close_connection = True


@contextmanager
def serving(model: Model) -> Iterator[str]:
    """The address of an endpoint with this model, on loopback."""
    handler = type("Handler", (_Handler,), {"model": model})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        model.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
