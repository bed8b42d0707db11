"""What `litellm` and the `llm` command line get from the server, in an interpreter that has them.

python -m venv clients && clients/bin/pip install litellm llm
CHATZERO_CLIENTS=clients/bin/python python -m pytest tests/apps/server/test_other_clients.py
"""

import json
from pathlib import Path

import pytest

from chatzero.chat.reply import answer
from chatzero.generation.options import GenerationOptions
from chatzero.text.conversation import Conversation, Message
from tests.apps.server.running import Running
from tests.interop.another_python import ask, interpreter

LITELLM = """
import json, sys
import litellm
there = {"model": "openai/small", "api_base": sys.argv[1], "api_key": "none", "num_retries": 0, "timeout": 60}
messages = [{"role": "user", "content": "Who are you?"}]
whole = litellm.completion(messages=messages, max_tokens=20, **there)
chunks = list(litellm.completion(
    messages=messages, max_tokens=20, stream=True, stream_options={"include_usage": True}, **there))
errors = []
for fields in ({"model": "openai/gpt-9"}, {"messages": [{"role": "user", "content": "long " * 500}]}):
    try:
        litellm.completion(**{"messages": messages, **there, **fields})
    except Exception as error:
        errors.append(type(error).__name__)
print(json.dumps({
    "text": whole.choices[0].message.content,
    "reason": whole.choices[0].finish_reason,
    "usage": [whole.usage.prompt_tokens, whole.usage.completion_tokens],
    "streamed": "".join(c.choices[0].delta.content or "" for c in chunks if c.choices),
    "streamed_usage": [[c.usage.prompt_tokens, c.usage.completion_tokens] for c in chunks if getattr(c, "usage", None)],
    "errors": errors,
}))
"""

LLM = """
import json, subprocess, sys
few = ["-o", "max_tokens", "20"]
def llm(*words):
    command = [sys.executable, "-m", "llm", *words]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.stdout[:-1] if done.returncode == 0 else done.stderr
print(json.dumps({
    "models": llm("models"),
    "streamed": llm("-m", "ours", *few, "Who are you?"),
    "next": llm("-c", *few, "--no-stream", "And I?"),
    "whole": llm("-m", "ours", "--no-stream", *few, "-o", "temperature", "1", "-o", "seed", "4", "hi"),
    "refused": llm("-m", "ours", *few, "long " * 500),
}))
"""


def expected(server: Running, *words: str, **options: object) -> str:
    """Our answer to turns of the user and the assistant, alone."""
    turns = tuple(Message("assistant" if i % 2 else "user", text) for i, text in enumerate(words))
    options = {"max_tokens": 20, **options}
    bundle = server.bundle
    return answer(Conversation(turns), bundle.model, bundle.tokenizer, GenerationOptions(**options)).text  # type: ignore[arg-type]


def test_litellm(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    python = interpreter("CHATZERO_CLIENTS")
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the network
    got = ask(python, LITELLM, server.url)
    assert got["text"] == got["streamed"] == expected(server, "Who are you?")
    assert got["reason"] in ("stop", "length")
    assert got["streamed_usage"][-1] == got["usage"]
    assert got["errors"] == ["NotFoundError", "ContextWindowExceededError"]


def test_llm(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamed, the next turn of the conversation it remembers, whole with a seed, and refused."""
    python = interpreter("CHATZERO_CLIENTS")
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    entry = {"model_id": "ours", "model_name": "small", "api_base": server.url}
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps([entry]), encoding="utf-8")  # JSON is YAML
    got = ask(python, LLM)
    assert "ours" in got["models"]
    first = expected(server, "Who are you?")
    assert got["streamed"] == first
    assert got["next"] == expected(server, "Who are you?", first, "And I?")
    assert got["whole"] == expected(server, "hi", temperature=1, seed=4)
    assert "context length" in got["refused"]
