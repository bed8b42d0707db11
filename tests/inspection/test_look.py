"""The numbers in the page equal a forward pass; the page is complete by itself; the model stays as it was."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import chatzero.inspection
from chatzero.inspection.heads import TENDENCIES
from chatzero.inspection.look import look
from chatzero.inspection.observe import observe
from chatzero.inspection.packed import unpack
from chatzero.inspection.page import page
from chatzero.language import set_language
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.models.random_models import gpt, transformer

QUESTION = "Hi 你</script><!--"
WEB = Path(str(chatzero.inspection.__file__)).parent / "web"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([], MIN_VOCAB_SIZE)


def data_of(html: str) -> dict[str, Any]:
    """What the page's script reads."""
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, flags=re.DOTALL)
    document = json.loads(found)
    assert isinstance(document, dict)
    return document


def small(arch: str, **changes: object) -> GPT | Transformer:
    sizes = {"vocab_size": MIN_VOCAB_SIZE, "max_seq_len": 64, **changes}
    return gpt(**sizes) if arch == "gpt" else transformer(**sizes)


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_the_numbers_in_the_page_equal_a_forward_pass(arch: str, tokenizer: Tokenizer) -> None:
    model = small(arch)
    with torch.no_grad():  # random weights would say anything; short answers keep the test quick
        document = data_of(page(look(model, tokenizer, QUESTION, "mine", max_tokens=6)))
        seen = observe(model, tokenizer, QUESTION, max_tokens=6)
        if isinstance(model, GPT):
            logits = model(torch.tensor([[*seen.question_ids, *seen.answer_ids[:-1]]]))[0]
        else:
            decoder_ids = torch.tensor([[model.embedding.pad_id, *seen.answer_ids[:-1]]])
            logits = model(torch.tensor([seen.question_ids]), decoder_ids)[0]
    probabilities = logits.softmax(dim=-1)
    targets = [one["id"] for one in document["targets"]]
    assert targets[document["answer_start"] :] == seen.answer_ids
    assert len(document["next"]) == len(targets) == len(logits)
    for next_token, row, target in zip(document["next"], probabilities, targets, strict=True):
        assert next_token["p"] == pytest.approx(row[target].item(), abs=1e-6)
        assert next_token["loss"] == pytest.approx(-row[target].log().item(), abs=1e-5)
        assert next_token["rank"] == int((row > row[target]).sum())
        assert [p for _, _, p in next_token["top"]] == pytest.approx(row.topk(10).values.tolist(), abs=1e-6)
        assert [one for one, _, _ in next_token["top"]] == row.topk(10).indices.tolist()
    # Greedy: each answer token was the likeliest.
    assert all(one["rank"] == 0 for one in document["next"][document["answer_start"] :])
    # The last row of the lens is what the model really says.
    assert [one["p"] for one in document["lens"][-1]["positions"]] == [one["p"] for one in document["next"]]
    assert [row["layer"] for row in document["lens"]] == ["input", "0", "1"]


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_attention_maps(arch: str, tokenizer: Tokenizer) -> None:
    model = small(arch)
    document = data_of(page(look(model, tokenizer, QUESTION, "mine", max_tokens=6)))
    seen = observe(model, tokenizer, QUESTION, max_tokens=6)
    names = [block["name"] for block in document["attention"]]
    if arch == "gpt":
        assert names == ["layers.0.self_attention", "layers.1.self_attention"]
    else:
        assert len(names) == 6
        assert "decoder.layers.1.cross_attention" in names
    for block in document["attention"]:
        weights = unpack(block["weights"])
        right = seen.steps[f"{block['name']}.weights"].numpy()
        np.testing.assert_allclose(weights, right, atol=1e-5)
        np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-3)
        assert weights.shape == (4, len(document["texts"][block["query"]]), len(document["texts"][block["key"]]))
        assert len(block["heads"]) == 4
        for head, values in zip(block["heads"], right, strict=True):
            assert head["tendency"] in TENDENCIES
            free = values[1:] if block["stack"] == "decoder" and block["kind"] == "self" else values
            assert head["measured"]["first"] == pytest.approx(free[:, 0].mean(), abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("gpt", ["rotary", "sinusoidal"]),
        ("sinusoidal", ["sinusoidal"]),
        ("learned", ["learned", "learned", "sinusoidal"]),
        ("rotary", ["rotary", "sinusoidal"]),
    ],
)
def test_positions_of_every_kind(kind: str, shown: list[str], tokenizer: Tokenizer) -> None:
    model = small("gpt") if kind == "gpt" else small("transformer", positions=kind)
    document = data_of(page(look(model, tokenizer, "Hi", "mine", max_tokens=2)))
    assert [one["kind"] for one in document["positions"]] == shown


def test_the_page_asks_nobody_and_holds_any_words(tokenizer: Tokenizer) -> None:
    html = page(look(small("gpt"), tokenizer, QUESTION, "mine </script>", max_tokens=4))
    assert data_of(html)["question"] == QUESTION
    assert html.count("</script>") == 2  # the data and the script; words that spell an end are escaped
    without_svg_namespace = html.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//cdn|@import|url\(|<link|src=", without_svg_namespace)
    assert "default-src 'none'" in html
    assert '<html lang="en">' in html
    set_language("zh")
    assert '<html lang="zh">' in page(look(small("gpt"), tokenizer, "Hi", "mine", max_tokens=2))


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_looking_changes_nothing(arch: str, tokenizer: Tokenizer) -> None:
    model = small(arch).train()
    before = {name: parameter.clone() for name, parameter in model.state_dict().items()}
    look(model, tokenizer, "Hi", "mine", max_tokens=3)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(before[name], parameter) for name, parameter in model.state_dict().items())


def test_every_tendency_has_words_in_both_languages() -> None:
    words = (WEB / "words.js").read_text(encoding="utf-8")
    for tendency in TENDENCIES:
        assert re.search(rf'"{tendency}": \["[^"]+", "[^"]*[\u4e00-\u9fff][^"]*"\]', words), tendency
    script = (WEB / "look.js").read_text(encoding="utf-8")
    used = set(re.findall(r'\bw\("(\w+)"\)', script)) | set(re.findall(r"WORDS\.(\w+)", script))
    assert used
    assert {name for name in used if not re.search(rf"^  {name}: ", words, flags=re.MULTILINE)} == set()


def test_a_text_too_long_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="max_seq_len"):
        look(small("gpt"), tokenizer, "x" * 100, "mine")
