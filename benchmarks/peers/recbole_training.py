"""A model of RecBole on given pairs: {its folder}/bin/python recbole_training.py world.npz STEPS LightGCN|BPR

Only the steps are timed, as its trainer takes them: batch, loss, gradient, optimizer.
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

import numpy as np
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer
from scipy.sparse import dok_matrix

# RecBole 1.2.1 fills its matrix by a method that scipy has renamed.
if not hasattr(dok_matrix, "_update"):
    dok_matrix._update = lambda self, cells: self._dict.update(cells)

CLOCK = time.process_time if os.environ.get("CLOCK") == "cpu" else time.perf_counter


def settings(model: str, folder: str, batch: int) -> Config:
    chosen = {
        "data_path": folder,
        "benchmark_filename": ["train", "valid", "test"],
        "load_col": {"inter": ["user_id", "item_id"]},
        "embedding_size": 64,
        "n_layers": 3,
        "reg_weight": 1e-4,
        "learning_rate": 1e-3,
        "train_batch_size": batch,
        "eval_args": {"mode": "full", "order": "RO", "group_by": "user", "split": {"RS": [0.8, 0.1, 0.1]}},
        "train_neg_sample_args": {"distribution": "uniform", "sample_num": 1},
        "use_gpu": False,
        "checkpoint_dir": f"{folder}/saved",
        "show_progress": False,
        "log_wandb": False,
    }
    sys.argv = sys.argv[:1]
    return Config(model=model, dataset="world", config_dict=chosen)


def write(folder: Path, user: np.ndarray, item: np.ndarray) -> None:
    folder.mkdir()
    pairs = "\n".join(f"{u}\t{i}" for u, i in zip(user.tolist(), item.tolist(), strict=True))
    head = "user_id:token\titem_id:token\n"
    (folder / "world.train.inter").write_text(f"{head}{pairs}\n")
    for part, one in (("valid", 0), ("test", 1)):
        (folder / f"world.{part}.inter").write_text(f"{head}{user[one]}\t{item[-1]}\n")


def main() -> None:
    given, steps, name = dict(np.load(sys.argv[1])), int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    with TemporaryDirectory() as folder:
        write(Path(folder) / "world", given["user"], given["item"])
        config = settings(name, folder, int(given["batch"]))
        logging.disable(logging.CRITICAL)
        dataset = create_dataset(config)
        train, _, _ = data_preparation(config, dataset)
        model = get_model(name)(config, train.dataset)
        optimizer = get_trainer(config["MODEL_TYPE"], name)(config, model).optimizer
        model.train()
        start = CLOCK()
        for batch in islice(train, steps):
            optimizer.zero_grad()
            loss = model.calculate_loss(batch)
            loss.backward()
            optimizer.step()
        seconds = CLOCK() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "loss": float(loss.detach())}))


main()
