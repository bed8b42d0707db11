"""Packages that are missing, too old, in conflict, or broken."""

from dataclasses import replace

from chatzero.language import set_language
from tests.doctor.machines import GOOD, complaint, complaints, with_versions

PIP = "/venv/bin/python -m pip install"


def test_a_missing_pytorch() -> None:
    found = complaint(replace(with_versions(torch=None), torch=None))
    assert (found.name, found.found, found.verdict) == ("PyTorch", "missing", "fail")
    assert found.mend == f"python start.py or {PIP} torch==2.13.0"
    set_language("zh")
    assert complaint(replace(with_versions(torch=None), torch=None)).found == "缺失"


def test_a_pytorch_that_is_too_old() -> None:
    found = complaint(with_versions(torch="2.5.1"))
    assert (found.found, found.verdict) == ("2.5.1", "fail")
    assert found.wanted == ">=2.10 (chatzero), >=2.6 (transformers)"


def test_a_pytorch_that_cannot_be_imported() -> None:
    found = complaint(replace(GOOD, torch=None, import_faults={"torch": "OSError: libcudart.so.12 is missing"}))
    assert "libcudart.so.12" in found.found
    assert "--force-reinstall torch==2.13.0" in found.mend


def test_numpy_2_with_a_pytorch_built_for_numpy_1() -> None:
    found = complaint(with_versions(torch="2.2.2", numpy="2.4.6"))
    assert (found.name, found.found, found.verdict) == ("PyTorch", "2.2.2, numpy 2.4.6", "fail")
    assert "numpy<2" in found.mend


def test_transformers_that_is_too_old() -> None:
    found = complaint(with_versions(transformers="4.20.0"))
    assert (found.name, found.wanted, found.verdict) == ("transformers", ">=4.57 (chatzero)", "fail")
    assert found.mend == f'{PIP} "transformers>=4.57"'


def test_tokenizers_out_of_the_range_of_transformers() -> None:
    for version in ("0.21.4", "0.24.0"):
        found = complaint(with_versions(tokenizers=version))
        assert (found.name, found.found, found.verdict) == ("tokenizers", version, "fail")
        assert "<0.24.0,>=0.23.1 (transformers)" in found.wanted
        assert found.mend == f'{PIP} "tokenizers<0.24.0,>=0.23.1,>=0.21"'


def test_a_missing_package_that_is_not_a_core_one_is_named() -> None:
    found = complaint(with_versions(tqdm=None))
    assert (found.name, found.found, found.mend) == ("tqdm", "missing", f'{PIP} "tqdm>=4.66"')


def test_a_package_that_cannot_be_imported() -> None:
    found = complaint(replace(GOOD, import_faults={"datasets": "ImportError: cannot import name 'x'"}))
    assert (found.name, found.verdict) == ("datasets", "fail")
    assert '--force-reinstall "datasets==5.2.0"' in found.mend


def test_names_written_with_underscores_are_the_same_package() -> None:
    asks = {**GOOD.requirements, "chatzero": ("some_thing>=2",)}
    found = complaint(replace(GOOD, packages={**GOOD.packages, "some-thing": "1.0"}, requirements=asks))
    assert found.name == "some-thing"


def test_chatzero_run_from_its_folder_without_being_installed() -> None:
    asks = {name: words for name, words in GOOD.requirements.items() if name != "chatzero"}
    found = complaint(replace(GOOD, requirements=asks))
    assert (found.name, found.verdict, found.mend) == ("ChatZero", "warn", f"{PIP} -e .")


def test_unreadable_versions_and_requirements_are_passed_over() -> None:
    asks = {**GOOD.requirements, "datasets": ("this is ??? no requirement",)}
    assert complaints(replace(with_versions(numpy="my-own-build"), requirements=asks)) == []
