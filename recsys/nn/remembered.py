"""What a model has computed of all its weights and keeps for the next call."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from torch import Tensor, nn

Value = TypeVar("Value")


class Remembered(nn.Module, Generic[Value]):
    """A value that is forgotten when the model around it changes its mode, loads weights or is converted.

    Attributes:
        value: None where there is none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.value: Value | None = None

    def train(self, mode: bool = True) -> "Remembered[Value]":
        """Switch the mode, and forget."""
        self.value = None
        return super().train(mode)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Remembered[Value]":
        self.value = None
        return cast(Remembered[Value], super()._apply(fn, recurse))

    def _load_from_state_dict(self, *args: Any, **kwargs: Any) -> None:
        self.value = None
        super()._load_from_state_dict(*args, **kwargs)
