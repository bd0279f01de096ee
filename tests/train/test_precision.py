"""bf16-mixed against the same run in 32 bits."""

import json
from pathlib import Path

import pytest
import torch

from recsys.commands import main


def find(tree: object, name: str) -> float:
    """The number of that name, wherever it stands."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == name and isinstance(value, (int, float)):
                return float(value)
            found = find(value, name) if isinstance(value, dict) else float("nan")
            if found == found:
                return found
    return float("nan")


@pytest.mark.parametrize(
    "words",
    [
        ["model=mf", "loss=bpr", "trainer.gradient_clip_val=1.0"],
        ["model=two_tower", "loss=sampled_softmax", "sampling=in_batch"],
        ["model=deepfm", "loss=bce", "optimizer=sparse_adam"],
        ["model=graphsage", "loss=focal"],
    ],
    ids=lambda words: words[0],
)
def test_metrics_in_mixed_precision_are_near_those_in_32_bits(
    words: list[str], workplace: Path, tiny: list[str]
) -> None:
    words = [*tiny, *words, "trainer.max_epochs=3", "optimizer.lr=0.01"]
    results = {}
    for precision in ("32-true", "bf16-mixed"):
        assert main(["train", *words, f"trainer.precision={precision}", f"hydra.run.dir={precision}"]) == 0
        results[precision] = json.loads(Path(precision, "metrics.json").read_text())["valid"]
    exact, mixed = results.values()
    for name, tolerance in (("roc_auc", 0.05), ("log_loss", 0.1), ("ndcg@20", 0.1)):
        assert find(mixed, name) == pytest.approx(find(exact, name), abs=tolerance)
    weights = torch.load("bf16-mixed/checkpoints/best.ckpt", weights_only=True)["state_dict"]
    assert all(value.dtype == torch.float32 for value in weights.values() if value.is_floating_point())


def test_an_unknown_precision_is_refused(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "trainer.precision=bf17"]) == 2
    captured = capsys.readouterr()
    assert "trainer" in captured.out + captured.err
