"""A real server on a free port of this machine, for tests to talk to; and small models that say varied things."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from chatzero.apps.server.app import build_app
from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.run import listen, server_of
from chatzero.checkpoint.bundle import Bundle
from chatzero.generation.writer import Speaks
from chatzero.serving.engine import Engine
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import random_model

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)  # one token a byte: characters are split, answers are wild
WINDOW = 96


def small_bundle(arch: str, max_seq_len: int = WINDOW, seed: int = 3) -> Bundle:
    return Bundle(random_model(arch, BYTES.vocab_size, max_seq_len, seed), BYTES, Path("small"))


@dataclass
class Running:
    """A server that runs."""

    port: int
    settings: ServerSettings
    bundle: Bundle
    engine: Engine
    app: FastAPI

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request. Status, headers (names in lower case) and body of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def post(
        self, path: str, document: object, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, object]]:
        body = json.dumps(document).encode()
        status, _, answer = self.ask("POST", path, body, {"Content-Type": "application/json", **(headers or {})})
        return status, json.loads(answer)

    def chat(self, words: str = "hi", **fields: object) -> tuple[int, dict[str, object]]:
        return self.post(
            "/v1/chat/completions", {"model": "small", "messages": [{"role": "user", "content": words}], **fields}
        )

    def until_idle(self, patience_s: float = 30) -> None:
        """Waits until nothing runs."""
        deadline_s = time.monotonic() + patience_s
        while self.engine.running or self.engine.waiting:
            assert time.monotonic() < deadline_s, "something still runs"
            time.sleep(0.01)


@contextmanager
def running_server(
    bundle: Bundle, settings: ServerSettings | None = None, answering: Speaks | None = None
) -> Iterator[Running]:
    settings = replace(settings or ServerSettings(), port=0, model_id="small")
    app = build_app(bundle, settings, answering)
    server = server_of(app, settings)
    with listen(settings) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        running = Running(listening.getsockname()[1], settings, bundle, app.state.served.engine, app)
        try:
            yield running
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive(), "the server did not stop"
