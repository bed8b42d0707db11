import pytest
import torch
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.tap import Tap, listening, taps


class Doubler(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tap_doubled = Tap()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tap_doubled(2 * x)


def test_a_tap_gives_back_the_very_tensor() -> None:
    x = torch.ones(3)
    assert Tap()(x) is x


def test_taps_are_found_by_their_path() -> None:
    model = nn.Sequential(Doubler(), nn.ModuleDict({"inner": Doubler()}))
    assert set(taps(model)) == {"0.doubled", "1.inner.doubled"}


def test_the_listener_hears_names_and_tensors_in_order_and_only_inside() -> None:
    model = nn.Sequential(Doubler(), Doubler())
    heard: list[tuple[str, float]] = []
    with listening(model, lambda name, tensor: heard.append((name, tensor.item()))):
        model(torch.tensor(1.0))
    model(torch.tensor(5.0))
    assert heard == [("0.doubled", 2.0), ("1.doubled", 4.0)]


def test_listening_ends_also_after_an_error_and_nests() -> None:
    model = Doubler()
    outer: list[str] = []
    with listening(model, lambda name, tensor: outer.append("outer")):
        with pytest.raises(TypeError), listening(model, lambda name, tensor: outer.append("inner")):
            model(*(torch.ones(1), "one argument too many"))
        with listening(model, lambda name, tensor: outer.append("inner")):
            model(torch.ones(1))
        model(torch.ones(1))
    model(torch.ones(1))
    assert outer == ["inner", "outer"]


def test_gradients_can_be_heard_through_the_tensor() -> None:
    model = Doubler()
    gradients: list[torch.Tensor] = []

    def listener(name: str, tensor: torch.Tensor) -> None:
        tensor.register_hook(gradients.append)  # type: ignore[no-untyped-call]

    with listening(model, listener):
        y = model(torch.ones(2, requires_grad=True))
    torch.autograd.backward((3 * y).sum())
    assert gradients[0].tolist() == [3.0, 3.0]


def test_every_step_of_attention_can_be_heard() -> None:
    attention = MultiHeadAttention(num_heads=2, d_model=8)
    shapes: dict[str, tuple[int, ...]] = {}
    with listening(attention, lambda name, tensor: shapes.update({name: tuple(tensor.shape)})):
        attention(torch.zeros(3, 5, 8))
    assert shapes == {
        "q": (3, 2, 5, 4),
        "k": (3, 2, 5, 4),
        "v": (3, 2, 5, 4),
        "scores": (3, 2, 5, 5),
        "weights": (3, 2, 5, 5),
        "mixed": (3, 2, 5, 4),
    }
