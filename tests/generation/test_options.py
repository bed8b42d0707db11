import math

import pytest

from chatzero.errors import ConfigError
from chatzero.generation.options import GenerationOptions

OUT_OF_RANGE = [
    ("temperature", -0.1),
    ("temperature", math.nan),
    ("temperature", math.inf),
    ("top_k", -1),
    ("top_p", 1.01),
    ("top_p", -0.01),
    ("min_p", 1.5),
    ("repetition_penalty", 0.0),
    ("repetition_penalty", -2.0),
    ("no_repeat_ngram_size", -1),
    ("max_tokens", 0),
    ("seed", -1),
    ("seed", 2**64),
    ("beam_size", 0),
    ("length_penalty", -0.5),
]


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE)
def test_a_value_out_of_range_is_refused_by_name_and_value(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be .*, got {value}"):
        GenerationOptions(**{name: value})  # type: ignore[arg-type]


def test_the_words_of_an_error() -> None:
    with pytest.raises(ConfigError, match="temperature must be >= 0, got -1"):
        GenerationOptions(temperature=-1)
    with pytest.raises(ConfigError, match=r"top_p must be 0 \.\.\. 1, got 2"):
        GenerationOptions(top_p=2)


def test_the_borders_of_each_range_are_inside() -> None:
    GenerationOptions(temperature=0, top_k=0, top_p=0, min_p=0, no_repeat_ngram_size=0, max_tokens=1, seed=0)
    GenerationOptions(top_p=1, min_p=1, seed=2**63 - 1, length_penalty=0)


def test_an_empty_stop_string_is_refused() -> None:
    with pytest.raises(ConfigError, match="a stop string is empty"):
        GenerationOptions(stop=("end", ""))


def test_beams_and_sampling_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match=r"beam_size=4 and temperature=0\.7 exclude each other"):
        GenerationOptions(beam_size=4, temperature=0.7)


def test_the_default_is_greedy() -> None:
    assert GenerationOptions().greedy
    assert not GenerationOptions(temperature=0.01).greedy
