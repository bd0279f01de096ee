"""DeepFM of FuxiCTR's layers: {its folder}/bin/python fuxictr_training.py world.npz STEPS loader|ready

The wheel has no model zoo, so its layers are put together as the paper has them, in its BaseModel, whose
`train_epoch` is timed: `loader` reads through its own NpzDataLoader, `ready` is handed batches that lie there.
"""

import json
import logging
import os
import resource
import sys
import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from fuxictr.features import FeatureMap
from fuxictr.pytorch.dataloaders.npz_dataloader import NpzDataLoader
from fuxictr.pytorch.layers import FactorizationMachine, FeatureEmbedding, MLP_Block
from fuxictr.pytorch.models import BaseModel

CLOCK = time.process_time if os.environ.get("CLOCK") == "cpu" else time.perf_counter


class DeepFM(BaseModel):
    def __init__(self, feature_map: FeatureMap, dim: int, hidden: list[int], folder: str) -> None:
        super().__init__(feature_map, model_id="DeepFM", verbose=0, model_root=folder, metrics=["AUC"])
        self.embedding = FeatureEmbedding(feature_map, dim)
        self.machine = FactorizationMachine(feature_map)
        self.deep = MLP_Block(feature_map.sum_emb_out_dim(), hidden_units=hidden, output_dim=1)
        self.compile("adam", "binary_crossentropy", lr=1e-3)
        self.reset_parameters()
        self.model_to_device()

    def forward(self, inputs: Any) -> dict[str, torch.Tensor]:
        columns = self.get_inputs(inputs)
        vectors = self.embedding(columns)
        logit = self.machine(columns, vectors) + self.deep(vectors.flatten(start_dim=1))
        return {"y_pred": self.output_activation(logit)}


def features(names: list[str], values: int, dim: int, folder: str) -> FeatureMap:
    made = FeatureMap("world", folder)
    for name in names:
        made.features[name] = {"type": "categorical", "source": "", "vocab_size": values + 1}
    made.labels, made.default_emb_dim = ["label"], dim
    made.num_fields = made.get_num_fields()
    made.set_column_index()
    return made


def main() -> None:
    file, steps, feed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    logging.disable(logging.CRITICAL)
    given = np.load(file)
    values, batch, dim = (int(given[name]) for name in ("values", "batch", "dim"))
    names = [name for name in given.files if name.startswith("field")]
    with TemporaryDirectory() as folder:
        known = features(names, values, dim, folder)
        columns = {name: given[name] for name in (*names, "label")}
        np.savez(Path(folder) / "train.npz", **columns)
        model = DeepFM(known, dim, given["hidden"].tolist(), folder)
        model._max_gradient_norm, model._total_steps, model._eval_steps = 10.0, 0, steps + 1
        model._stop_training = False
        if feed == "loader":
            batches = NpzDataLoader(known, f"{folder}/train.npz", batch_size=batch, shuffle=True)
        else:
            order = np.random.default_rng(0).permutation(len(columns["label"]))[: batch * steps]
            rows = torch.from_numpy(np.column_stack([columns[name] for name in (*names, "label")])[order])
            batches = [dict(zip((*names, "label"), part.unbind(1), strict=True)) for part in rows.split(batch)]
        start = CLOCK()
        model.train_epoch(islice(batches, steps))
        seconds = CLOCK() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(parameter.numel() for parameter in model.parameters())
    print(json.dumps({"seconds": seconds, "peak": peak, "parameters": size}))


main()
