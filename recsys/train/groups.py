"""Which parameters an optimizer treats alike."""

from typing import Any

from torch import nn


def tables(module: nn.Module) -> list[nn.Parameter]:
    """The learned tables that are looked up by row: the weights of all embeddings."""
    kinds = (nn.Embedding, nn.EmbeddingBag)
    found = (part.weight for part in module.modules() if isinstance(part, kinds))
    return list(dict.fromkeys(weight for weight in found if isinstance(weight, nn.Parameter)))


def groups(module: nn.Module, decay: float | None, *, apart: bool = False) -> list[dict[str, Any]]:
    """The parameters for an optimizer: all alike, or the embedding tables in a group after the rest.

    Args:
        decay: weight decay of the tables; None where it is that of all parameters.
        apart: the optimizer treats tables in a way of its own; their group says `rows=True`.
    """
    if decay is None and not apart:
        return [{"params": list(module.parameters())}]
    found = tables(module)
    known = set(found)
    rest = [parameter for parameter in module.parameters() if parameter not in known]
    group: dict[str, Any] = {"params": found}
    if decay is not None:
        group["weight_decay"] = decay
    if apart:
        group["rows"] = True
    return [group for group in ({"params": rest}, group) if group["params"]]
