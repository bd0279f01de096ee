"""Adam that touches only the rows of embedding tables that a step has used."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import torch
from torch import Tensor
from torch.optim.adam import adam

from recsys.types import NonNegative, Positive, Share


@final
class SparseAdam(torch.optim.Optimizer):
    """Adam, in which the rows of a table whose gradient is zero keep vectors and moments as they are.

    Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1: in one fused step for groups
    without `rows`; for the touched rows of the others, with t the number of the step whether or not a row was
    touched before. A table's time a step depends on the rows that are used, not on its length. Its weight
    decay reaches the touched rows alone. A gradient that is not sparse, because the table was read otherwise
    than by an embedding's lookup, has the same effect.

    Args:
        params: parameter groups; those of tables say `rows=True`.
        lr: learning rate.
        betas: decay of the mean and of the mean square of gradients.
        eps: added to the root of the mean square.
        weight_decay: times the parameter, added to its gradient.
    """

    takes_sparse = True

    def __init__(
        self,
        params: Iterable[Any],
        *,
        lr: Positive = 1e-3,
        betas: Sequence[Share] = (0.9, 0.999),
        eps: Positive = 1e-8,
        weight_decay: NonNegative = 0.0,
    ) -> None:
        first, second = betas
        defaults = {"lr": lr, "betas": (first, second), "eps": eps, "weight_decay": weight_decay, "rows": False}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            for parameter in parameters:
                _begin(parameter, self.state[parameter])
            if group["rows"]:
                for parameter in parameters:
                    _rows(parameter, self.state[parameter], group)
            elif parameters:
                _whole(parameters, [self.state[parameter] for parameter in parameters], group)
        return loss


def _begin(parameter: Tensor, state: dict[str, Tensor]) -> None:
    if not state:
        state["step"] = torch.zeros((), dtype=torch.float32, device=parameter.device)
        state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
    # A checkpoint is read on the CPU, and torch leaves the number of the step there.
    state["step"] = state["step"].to(parameter.device)


def _whole(parameters: Sequence[Tensor], states: Sequence[dict[str, Tensor]], group: dict[str, Any]) -> None:
    """All of the parameters, in one fused step."""
    first, second = group["betas"]
    adam(
        list(parameters),
        [parameter.grad for parameter in parameters if parameter.grad is not None],
        [state["exp_avg"] for state in states],
        [state["exp_avg_sq"] for state in states],
        [],
        [state["step"] for state in states],
        fused=True,
        amsgrad=False,
        beta1=first,
        beta2=second,
        lr=group["lr"],
        weight_decay=group["weight_decay"],
        eps=group["eps"],
        maximize=False,
    )


def _rows(parameter: Tensor, state: dict[str, Tensor], group: dict[str, Any]) -> None:
    """The touched rows of one table."""
    assert parameter.grad is not None
    state["step"] += 1
    at, gradient = touched(parameter.grad)
    values = parameter.index_select(0, at)
    if group["weight_decay"]:
        gradient = gradient.add(values, alpha=group["weight_decay"])
    first, second = group["betas"]
    mean = state["exp_avg"].index_select(0, at).lerp_(gradient, 1 - first)
    square = state["exp_avg_sq"].index_select(0, at).mul_(second).addcmul_(gradient, gradient, value=1 - second)
    state["exp_avg"].index_copy_(0, at, mean)
    state["exp_avg_sq"].index_copy_(0, at, square)
    time = float(state["step"])
    spread = square.sqrt_().div_((1 - second**time) ** 0.5).add_(group["eps"])
    parameter.index_copy_(0, at, values.addcdiv_(mean, spread, value=-group["lr"] / (1 - first**time)))


def touched(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The rows of a table's gradient that are not all zeros, `[N]`, and the gradient there, `[N, ...]`."""
    if gradient.is_sparse:
        gradient = gradient.coalesce()
        at, values = gradient.indices()[0], gradient.values()
    else:
        at, values = torch.arange(len(gradient), device=gradient.device), gradient
    # The largest of absolute values takes a tenth of the time of asking whether any differs from 0.
    kept = values.flatten(1).abs().amax(1) != 0
    return (at, values) if bool(kept.all()) else (at[kept], values[kept])
