"""A module run on one input at a time."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from recsys.encoders.pretrained import Pretrained
from recsys.types import UserError

SOURCE = '''
import torch
from torch import nn

BATCHES = []


class Net(nn.Module):
    """Two axes out; batch norm and dropout tell training from use."""

    def __init__(self, channels: int = 2) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, channels, 2), nn.BatchNorm2d(channels), nn.Dropout(0.9))

    def forward(self, images):
        BATCHES.append(len(images))
        assert not torch.is_grad_enabled()
        return self.layers(images).mean(-1)


def number() -> int:
    return 3
'''
IDS = ["a", "b", "c", "d", "e"]


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> torch.Tensor:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "mynet", raising=False)
    Path("mynet.py").write_text(SOURCE)
    Path("ids.txt").write_text("\n".join(IDS))
    images = torch.randn(5, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    np.save("images.npy", images.numpy())
    torch.save(images.double(), "images.pt")
    return images


def encoder(path: str = "images.npy", **given: object) -> Pretrained:
    return Pretrained(path=path, ids="ids.txt", module="mynet.Net", batch=2, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["images.npy", "images.pt"])
def test_the_output_for_each_known_id_and_zeros_with_a_mark_for_others(images: torch.Tensor, path: str) -> None:
    import mynet  # type: ignore[import-not-found]

    torch.manual_seed(7)
    network = mynet.Net(channels=3)
    network.layers[1].running_mean += 1
    torch.save(network.state_dict(), "weights.pt")
    made = encoder(path, arguments={"channels": 3}, weights="weights.pt")
    values = pl.Series(["e", "a", None, "new", "e", "b"])
    state = made.fit(values)
    mynet.BATCHES.clear()
    encoded = made.module(state, 8)(made.encode(values, state))
    assert mynet.BATCHES == [2, 1], "three distinct known ids, two at once"
    network.eval()
    for row, value in zip(encoded, values.to_list(), strict=True):
        with torch.no_grad():
            found = network(images[[IDS.index(value)]]).flatten() if value in IDS else torch.zeros(6)
        assert torch.allclose(row, torch.tensor([*found, float(value not in IDS)]), atol=1e-5)
    assert [line.split(" have")[0] for line in state["notes"]] == ["pretrained: 1 of 5 training values of "]


def test_weights_that_the_module_draws_are_the_same_each_time(images: torch.Tensor) -> None:
    before = torch.get_rng_state()
    one, other = (encoder().encode(pl.Series(IDS), encoder().fit(pl.Series(IDS))) for _ in range(2))
    assert torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before), "and draw nothing from the run's own numbers"


def test_files_name_all_that_the_output_hangs_on(images: torch.Tensor) -> None:
    source = str(Path("mynet.py").resolve())
    assert list(encoder(weights="w.pt").files) == ["images.npy", "ids.txt", "w.pt", source]
    lost = Pretrained(path="p", ids="i", module="no.such.Net")
    assert list(lost.files) == ["p", "i"]


def test_what_cannot_be_made_or_run_is_refused_by_name(images: torch.Tensor) -> None:
    def refused(**given: object) -> str:
        arguments = {"path": "images.npy", "ids": "ids.txt", "module": "mynet.Net", **given}
        with pytest.raises(UserError) as error:
            Pretrained(**arguments).fit(pl.Series(IDS))  # type: ignore[arg-type]
        return str(error.value)

    assert "module=mynet.Nte: " in refused(module="mynet.Nte")
    assert "module=Net: " in refused(module="Net")
    assert "mynet.Net(depth=3)" in refused(arguments={"depth": 3})
    assert "it gives a int, no torch.nn.Module" in refused(module="mynet.number")
    torch.save(nn.Linear(1, 1).state_dict(), "other.pt")
    assert "weights=other.pt: Error(s) in loading state_dict" in refused(weights="other.pt")
    wanted = "torch.nn.LSTM does not take inputs of shape [1, 1, 3, 3] (torch.float32) from images.npy"
    assert wanted in refused(module="torch.nn.LSTM", arguments={"input_size": 3, "hidden_size": 2})
    np.save("images.npy", images[:4].numpy())
    assert "images.npy has shape [4, 1, 3, 3], and there are 5 ids" in refused()
