"""The [data] table is read strictly."""

import pytest
from pydantic import ValidationError

from chatzero.data.config import DataConfig


def test_defaults() -> None:
    config = DataConfig.model_validate({"files": ["a.jsonl"]})
    assert config == DataConfig(files=("a.jsonl",), heldout=0.02, fill={}, max_rows=None)


def test_held_out_is_a_share_or_files() -> None:
    assert DataConfig.model_validate({"files": ["a"], "heldout": ["b", "c"]}).heldout == ("b", "c")
    assert DataConfig.model_validate({"files": ["a"], "heldout": 0.1}).heldout == 0.1


@pytest.mark.parametrize(
    ("table", "at_fault"),
    [
        ({}, "files"),
        ({"files": []}, "files"),
        ({"files": ["a"], "heldout": 0}, "heldout"),
        ({"files": ["a"], "heldout": 1.0}, "heldout"),
        ({"files": ["a"], "heldout": []}, "heldout"),
        ({"files": ["a"], "max_rows": 0}, "max_rows"),
        ({"files": ["a"], "file": "b"}, "file"),
        ({"files": "a"}, "files"),
    ],
)
def test_refused(table: dict[str, object], at_fault: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DataConfig.model_validate(table)
    # A field is named by its place; a rule between fields says the name.
    at_faults = {str(error["loc"][0]) if error["loc"] else error["msg"] for error in caught.value.errors()}
    assert len(at_faults) == 1
    assert at_fault in at_faults.pop()


def test_every_field_is_documented() -> None:
    assert [name for name, field in DataConfig.model_fields.items() if not field.description] == []
