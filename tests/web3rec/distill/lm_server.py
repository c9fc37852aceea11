"""A process that serves a causal model from a folder over `chat/completions`; for tests only.

    python -m tests.web3rec.distill.lm_server FOLDER [--last N]

Written without anything of `web3rec`: it generates one token as a server would, and reports the
likeliest with their log probabilities. It listens on loopback, writes its address as its first
line, and ends when its standard input does, at the latest after a minute. With `--last N` the
process dies in the middle of the N-th answer. Asked for the model `mute`, it reports no
probabilities, as some servers do.
"""

import argparse
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

LIFE = 60.0


class _Handler(BaseHTTPRequestHandler):
    model: Any
    tokenizer: Any
    last: int

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(self.reply(asked)).encode()
        type(self).last -= 1
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if type(self).last == 0:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            os._exit(1)
        self.wfile.write(body)

    def reply(self, asked: dict[str, Any]) -> dict[str, Any]:
        shown = self.tokenizer.apply_chat_template(
            asked["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.no_grad():
            found = self.model.generate(
                **shown,
                max_new_tokens=min(asked["max_tokens"], 8),
                do_sample=False,
                output_logits=True,
                return_dict_in_generate=True,
            )
        new = found.sequences[0, shown["input_ids"].shape[1] :]
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": self.tokenizer.decode(new)},
        }
        if asked.get("logprobs") and asked["model"] != "mute":
            likely = torch.log_softmax(found.logits[0][0], -1).topk(asked["top_logprobs"])
            top = [
                {"token": self.tokenizer.decode([token]), "logprob": value}
                for token, value in zip(
                    likely.indices.tolist(), likely.values.tolist(), strict=True
                )
            ]
            choice["logprobs"] = {"content": [top[0] | {"top_logprobs": top}]}
        return {"object": "chat.completion", "choices": [choice]}

    def log_message(self, *_: object) -> None: ...


def main() -> None:
    ways = argparse.ArgumentParser()
    ways.add_argument("folder")
    ways.add_argument("--last", type=int, default=-1)
    chosen = ways.parse_args()
    torch.set_num_threads(1)
    _Handler.model = AutoModelForCausalLM.from_pretrained(chosen.folder, local_files_only=True)
    _Handler.tokenizer = AutoTokenizer.from_pretrained(chosen.folder, local_files_only=True)
    _Handler.last = chosen.last
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}/v1", flush=True)  # noqa: T201 - how it is found
    life = threading.Timer(LIFE, os._exit, [1])
    life.daemon = True
    life.start()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
