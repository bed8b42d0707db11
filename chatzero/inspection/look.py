"""A model and a question -> everything the look page shows, as one JSON document. How it is drawn is `page`."""

import re
from collections.abc import Sequence
from pathlib import Path

from chatzero.inspection.heads import HeadMeasure, measure_heads
from chatzero.inspection.lens import NextToken, logit_lens, next_tokens
from chatzero.inspection.observe import Observation, observe
from chatzero.inspection.packed import pack
from chatzero.inspection.position_pictures import position_pictures
from chatzero.inspection.token_map import token_map, tokens_to_show
from chatzero.models.config import GPTConfig
from chatzero.models.interface import LanguageModel
from chatzero.models.size import parameters
from chatzero.text.pieces import label_of
from chatzero.text.tokenizer import Tokenizer

_WEIGHTS = re.compile(r"^(?:(encoder|decoder)\.)?layers\.(\d+)\.(self|cross)_attention\.weights$")
_TOP = 10
_LENS_TOP = 3

Document = dict[str, object]


def look(model: LanguageModel, tokenizer: Tokenizer, question: str, name: str, max_tokens: int = 64) -> Document:
    """The document of the page. `name` is what the page calls the model.

    Raises `DataError` for a question that does not fit the model's window.
    """
    seen = observe(model, tokenizer, question, max_tokens)
    config = model.config
    lens = logit_lens(model, seen)
    return {
        "model": {
            "name": name,
            "arch": config.arch,
            "parameters": parameters(config),
            "config": config.model_dump(),
        },
        "question": question,
        "answer": tokenizer.decode(seen.answer_ids),
        "texts": _texts(seen, tokenizer, config.arch == "gpt"),
        "answer_start": seen.answer_start,
        "targets": _labels(seen.target_ids, tokenizer),
        "next": [_next(one, tokenizer) for one in next_tokens(seen.logits, seen.target_ids, _TOP)],
        "lens": [
            {
                "layer": layer,
                "positions": [_next(one, tokenizer) for one in next_tokens(scores, seen.target_ids, _LENS_TOP)],
            }
            for layer, scores in lens.items()
        ],
        "attention": _attention(seen, isinstance(config, GPTConfig)),
        "positions": [
            {
                "name": picture.name,
                "kind": picture.kind,
                "table": pack(picture.table),
                "similarity": pack(picture.similarity),
            }
            for picture in position_pictures(model)
        ],
        "embeddings": _embeddings(model, tokenizer, seen),
    }


def model_name(folder: Path) -> str:
    """A run folder's name says more than that of the `model` inside it."""
    folder = folder.resolve()
    return folder.parent.name if folder.name == "model" else folder.name


def _texts(seen: Observation, tokenizer: Tokenizer, one_text: bool) -> Document:
    if one_text:
        return {"text": _labels(seen.read_ids, tokenizer)}
    return {"source": _labels(seen.question_ids, tokenizer), "target": _labels(seen.read_ids, tokenizer)}


def _labels(token_ids: Sequence[int], tokenizer: Tokenizer) -> list[Document]:
    return [{"id": token_id, "text": label_of(token_id, tokenizer)} for token_id in token_ids]


def _next(one: NextToken, tokenizer: Tokenizer) -> Document:
    return {
        "top": [[token_id, label_of(token_id, tokenizer), round(probability, 6)] for token_id, probability in one.top],
        "p": round(one.target_probability, 6),
        "loss": round(one.loss, 5),
        "rank": one.rank,
    }


def _attention(seen: Observation, one_text: bool) -> list[Document]:
    found: list[Document] = []
    for name, weights in seen.steps.items():
        parts = _WEIGHTS.match(name)
        if parts is None:
            continue
        stack, layer, kind = parts.groups()
        query, key = ("text", "text") if one_text else _sides(stack, kind)
        ids = {"text": seen.read_ids, "target": seen.read_ids, "source": seen.question_ids}
        measures = measure_heads(
            weights,
            ids[query],
            ids[key],
            target_ids=None if query == "source" else seen.target_ids,
            causal=query != "source" and kind == "self",
            cross=kind == "cross",
        )
        found.append(
            {
                "name": name.removesuffix(".weights"),
                "stack": stack or "decoder",
                "layer": int(layer),
                "kind": kind,
                "query": query,
                "key": key,
                "weights": pack(weights),
                "heads": [_head(measure) for measure in measures],
            }
        )
    return found


def _sides(stack: str, kind: str) -> tuple[str, str]:
    if stack == "encoder":
        return "source", "source"
    return "target", "source" if kind == "cross" else "target"


def _head(measure: HeadMeasure) -> Document:
    return {
        "tendency": measure.tendency,
        "measured": {name: round(share, 4) for name, share in measure.measured.items()},
        "even": {name: round(share, 4) for name, share in measure.even.items()},
        "entropy": round(measure.entropy, 4),
    }


def _embeddings(model: LanguageModel, tokenizer: Tokenizer, seen: Observation) -> Document:
    in_text = [*seen.question_ids, *seen.answer_ids]
    pieces = [label_of(token_id, tokenizer) for token_id in range(tokenizer.vocab_size)]
    table = next(parameter for name, parameter in model.named_parameters() if name == "embedding.weight")
    found = token_map(table, tokens_to_show(pieces, in_text))
    return {
        "explained": list(found.explained),
        "points": [
            {
                "id": token_id,
                "text": pieces[token_id],
                "x": round(x, 5),
                "y": round(y, 5),
                "here": token_id in in_text,
                "near": [[pieces[near], round(cosine, 4)] for near, cosine in neighbours],
            }
            for token_id, (x, y), neighbours in zip(
                found.token_ids, found.places.tolist(), found.neighbours, strict=True
            )
        ],
    }
