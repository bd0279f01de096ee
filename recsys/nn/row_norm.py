"""Batch normalisation of any number of rows."""

from torch import Tensor, nn


class RowNorm(nn.BatchNorm1d):
    """Batch normalisation that takes a batch of one row, and of none, by the running moments.

    Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
    Covariate Shift". One row has no variance of its own.
    """

    def forward(self, input: Tensor) -> Tensor:
        """From `[N, width]` to `[N, width]`."""
        if len(input) > 1 or not self.training:
            return super().forward(input)
        return nn.functional.batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, False, eps=self.eps
        )
