"""Chinese prints whatever the system's encoding."""

import io
import sys

import pytest

from chatzero.apps.cli.console import speak_utf8


def test_output_is_utf8_and_half_a_character_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    received = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(received, encoding="ascii"))
    speak_utf8()
    print("你好 \ud83d", end="", flush=True)
    assert received.getvalue() == "你好 \\ud83d".encode()


def test_a_stand_in_for_the_output_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stand_in)
    speak_utf8()
    print("你好", end="")
    assert stand_in.getvalue() == "你好"
