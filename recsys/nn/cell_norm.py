"""Batch normalisation of vectors, whatever their leading dimensions."""

from torch import Tensor, nn
from torch.nn.functional import batch_norm


class CellNorm(nn.BatchNorm1d):
    """Each unit less its mean, by its deviation, over all vectors of the step; times and plus learned numbers.

    Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
    Covariate Shift", algorithm 1; outside training with the running means of algorithm 2. A single vector has
    no deviation, so that a step of one, or none, takes the running means too, and leaves them. Cells that are
    masked count like others.

    Args:
        num_features: length of the vectors.
    """

    def forward(self, input: Tensor) -> Tensor:
        """From `[..., width]` to the same shape."""
        vectors = input.flatten(0, -2)
        if self.training and len(vectors) <= 1:
            means, squares = self.running_mean, self.running_var
            return batch_norm(vectors, means, squares, self.weight, self.bias, eps=self.eps).view_as(input)
        return super().forward(vectors).view_as(input)
