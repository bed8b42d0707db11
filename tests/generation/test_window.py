import pytest

from chatzero.errors import DataError
from chatzero.generation.window import answer_room, prompt_room, shares_window
from tests.generation.scripted import ScriptedModel, likes


def model(arch: str) -> ScriptedModel:
    return ScriptedModel(lambda prompt, said: likes(0, 8), vocab_size=8, max_seq_len=16, arch=arch)


def test_a_decoder_only_model_shares_its_window() -> None:
    config = model("gpt").config
    assert shares_window(config)
    # the last token of the answer is not read, so a prompt that fills the window still gets one
    assert [answer_room(config, n) for n in (1, 10, 16)] == [16, 7, 1]
    assert prompt_room(config, max_tokens=3) == 13
    assert prompt_room(config, max_tokens=1000) == 12, "a quarter is reserved, not more"


def test_an_encoder_decoder_has_two_windows() -> None:
    config = model("transformer").config
    assert not shares_window(config)
    assert [answer_room(config, n) for n in (1, 10, 16)] == [16, 16, 16]
    assert prompt_room(config, max_tokens=1000) == 16


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
@pytest.mark.parametrize("prompt_tokens", [0, 17])
def test_a_prompt_that_cannot_be_read_is_refused(arch: str, prompt_tokens: int) -> None:
    with pytest.raises(DataError, match=rf"prompt has {prompt_tokens} tokens\n.*from 1 to 16 \(max_seq_len\)"):
        answer_room(model(arch).config, prompt_tokens)
