"""Which build is chosen for which driver and card, and what pip is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.language import set_language
from chatzero.setup.driver import Driver, Gpu, Version
from chatzero.setup.torch_build import CUDA_BUILDS, TORCH_VERSION, choose_builds, fitting_builds, pip_words, sources

PASCAL = Gpu("GTX 1080", (6, 1))
AMPERE = Gpu("RTX 3060", (8, 6))
BLACKWELL = Gpu("RTX 5090", (12, 0))


@pytest.mark.parametrize(
    ("cuda", "gpu", "builds"),
    [
        ((13, 3), AMPERE, ("cu132", "cu130", "cu126")),
        ((13, 1), AMPERE, ("cu130", "cu126")),
        ((12, 8), AMPERE, ("cu126",)),
        ((12, 4), AMPERE, ("cu126",)),  # minor version compatibility: same major version
        ((11, 8), AMPERE, ("cpu",)),
        ((13, 0), PASCAL, ("cu126",)),  # CUDA 13 has no code for it, though the driver speaks CUDA 13
        ((13, 0), BLACKWELL, ("cu130",)),  # CUDA 12.6 has no code for it
        ((12, 8), BLACKWELL, ("cpu",)),  # needs CUDA 13, hence a newer driver
        ((13, 0), Gpu("unknown", None), ("cu130", "cu126")),
    ],
)
def test_builds_for_a_driver_and_a_card(cuda: Version, gpu: Gpu, builds: tuple[str, ...]) -> None:
    assert choose_builds("Linux", Driver(cuda, (gpu,))).builds == builds


def test_a_second_card_that_is_too_old_does_not_forbid_the_build_for_the_first() -> None:
    assert choose_builds("Linux", Driver((13, 2), (AMPERE, PASCAL))).builds == ("cu132", "cu130", "cu126")


def test_no_driver_a_mute_driver_and_a_mac() -> None:
    assert choose_builds("Windows", None).builds == ("cpu",)
    mute = choose_builds("Linux", Driver(None, fault="did not answer within 10 s"))
    assert mute.builds == ("cpu",)
    assert "did not answer within 10 s" in mute.why
    assert "nvidia-smi" in mute.advice
    assert choose_builds("Darwin", None).builds == ()


def test_the_reason_is_given_in_chinese_too() -> None:
    set_language("zh")
    assert "最高支持 CUDA 12.4" in choose_builds("Linux", Driver((12, 4), (AMPERE,))).why
    assert "最新的 NVIDIA 驱动" in choose_builds("Linux", Driver((11, 4), (AMPERE,))).advice


@given(
    cuda=st.tuples(st.integers(9, 15), st.integers(0, 9)), capability=st.tuples(st.integers(3, 13), st.integers(0, 9))
)
def test_no_fitting_build_is_of_a_newer_major_or_without_code_for_the_card(cuda: Version, capability: Version) -> None:
    for build in fitting_builds(Driver(cuda, (Gpu("card", capability),))):
        assert build.cuda[0] <= cuda[0]
        assert build.lowest <= capability <= build.highest


def test_the_best_build_stands_first() -> None:
    newest_first = [build.cuda for build in CUDA_BUILDS]
    assert newest_first == sorted(newest_first, reverse=True)


def test_every_source_is_pinned_exactly_and_the_plain_package_comes_last() -> None:
    tried = sources(("cu130", "cu126"))
    assert [source.build for source in tried] == ["cu130", "cu126", "package-index"]
    assert [source.requirement for source in tried] == [
        f"torch=={TORCH_VERSION}+cu130",
        f"torch=={TORCH_VERSION}+cu126",
        f"torch=={TORCH_VERSION}",
    ]
    assert pip_words(tried[0])[1:] == ["--extra-index-url", "https://download.pytorch.org/whl/cu130"]
    assert pip_words(tried[-1]) == [f"torch=={TORCH_VERSION}"]


def test_a_mirror_of_the_pytorch_index_takes_its_place() -> None:
    assert sources(("cpu",), "https://mirror.example/whl/")[0].index == "https://mirror.example/whl/cpu"
