"""An id as what a pretrained network makes of its image, sound or other input."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import vectors
from recsys.types import ColumnType, PositiveInt, UserError


@final
class Pretrained(Encoder):
    """The output of a frozen torch module for the id's input, beside a 1 where the file has no input for it.

    The module is run once over the catalogue, in batches, without gradients, when data is prepared; its output
    is kept with the prepared data. Output of more than one axis is flattened. Ids are compared as text. An id
    that the file does not have, and a missing one, has zeros and the mark; how many of training's the file
    lacks is a note of the results.

    Args:
        path: `.npy` or `.pt` of shape `[N, ...]`: an input for each id. Floating inputs are given as float32.
        ids: the file with the ids of the inputs, `.npy` or text with an id a line.
        module: import path of a class that derives from torch.nn.Module, or of a function that returns one.
        arguments: given to it by name.
        weights: a file with the module's state_dict; None where it loads its own. What it draws is drawn from
            seed 0.
        batch: inputs at once.
    """

    accepts = frozenset[ColumnType]({"id", "category"})

    def __init__(
        self,
        *,
        path: str,
        ids: str,
        module: str,
        arguments: Mapping[str, Any] | None = None,
        weights: str | None = None,
        batch: PositiveInt = 64,
    ) -> None:
        self.path, self.ids, self.target = path, ids, module
        self.arguments, self.weights, self.batch = dict(arguments or {}), weights, batch

    @property
    def files(self) -> Sequence[str]:
        """Inputs, ids, weights, and the module's source."""
        try:
            found = importlib.util.find_spec(self.target.rpartition(".")[0])
        except (ImportError, ValueError):
            found = None
        source = found.origin if found else None
        return [self.path, self.ids, *(file for file in (self.weights, source) if file)]

    def fit(self, values: pl.Series) -> State:
        """The length of the output.

        Raises:
            UserError: the files do not fit each other, or the module cannot be made or used on the inputs.
        """
        found = vectors.read("pretrained", self.path, self.ids)
        width = self._outputs(found, np.arange(min(1, len(found.ids)))).shape[1]
        return {"width": width, "notes": found.note("pretrained", values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The output and the mark, `[N, width + 1]` float32; each distinct id once."""
        found = vectors.read("pretrained", self.path, self.ids)
        place = found.places(values)
        asked, at = np.unique(place[place >= 0], return_inverse=True)
        encoded = torch.zeros(len(place), state["width"] + 1)
        there = torch.from_numpy(place >= 0)
        if len(asked):
            encoded[there, :-1] = self._outputs(found, asked)[torch.from_numpy(at)]
        encoded[~there, -1] = 1
        return encoded

    def module(self, state: State, dim: int) -> nn.Module:
        """The numbers as they are."""
        return Same(state["width"] + 1)

    def _outputs(self, found: vectors.Vectors, rows: np.ndarray) -> Tensor:
        """What the module makes of some rows, `[len(rows), width]` float32."""
        network, outputs = self._network(), []
        for start in range(0, len(rows), self.batch):
            inputs = torch.from_numpy(np.array(found.rows[rows[start : start + self.batch]]))
            inputs = inputs.float() if inputs.is_floating_point() else inputs
            try:
                with torch.no_grad():
                    output = network(inputs)
            except Exception as error:
                raise UserError(
                    f"pretrained: {self.target} does not take inputs of shape {list(inputs.shape)} "
                    f"({inputs.dtype}) from {found.file}: {_reason(error)}"
                ) from None
            if not isinstance(output, Tensor) or len(output) != len(inputs):
                raise UserError(f"pretrained: {self.target} gives no tensor with a row for each input")
            outputs.append(output.float().flatten(1) if output.dim() > 1 else output.float().unsqueeze(1))
        if not outputs:
            raise UserError(f"pretrained: {found.file} has no rows")
        return torch.cat(outputs)

    def _network(self) -> nn.Module:
        made = _located(self.target)
        try:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(0)
                network = made(**self.arguments)
            if not isinstance(network, nn.Module):
                raise TypeError(f"it gives a {type(network).__name__}, no torch.nn.Module")
            if self.weights is not None:
                weights = Path(self.weights).expanduser()
                network.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"))
        except Exception as error:
            given = f"{self.target}({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})"
            raise UserError(f"pretrained: {given} with weights={self.weights}: {_reason(error)}") from error
        return network.eval()


def _located(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(
            f"pretrained: module={path}: {_reason(error)}; write an import path like mypackage.networks.Net"
        ) from None


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
