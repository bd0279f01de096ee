"""RecBole's evaluation of given factors: {its folder}/bin/python recbole_evaluation.py world.npz BATCH

Only Trainer.evaluate is timed: its loaders hold every user's seen and held-out items beforehand.
"""

import json
import logging
import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer

CLOCK = time.process_time if os.environ.get("CLOCK") == "cpu" else time.perf_counter


def write(path: Path, user: np.ndarray, item: np.ndarray) -> None:
    pairs = "\n".join(f"{u}\t{i}" for u, i in zip(user.tolist(), item.tolist(), strict=True))
    path.write_text(f"user_id:token\titem_id:token\n{pairs}\n")


def files(folder: Path, given: dict[str, np.ndarray]) -> None:
    """Train is what is seen; two users more have half of the items each, so that all are in the catalogue."""
    folder.mkdir()
    users, items = len(given["users"]), len(given["items"])
    row = np.repeat(np.arange(users), given["seen"].shape[1])
    extra = users + np.arange(items) % 2
    user, item = np.concatenate([row, extra]), np.concatenate([given["seen"].ravel(), np.arange(items)])
    write(folder / "world.train.inter", user, item)
    write(folder / "world.valid.inter", np.array([users]), np.array([1]))
    write(
        folder / "world.test.inter", np.repeat(np.arange(users), given["held"].shape[1]), given["held"].ravel()
    )


def settings(folder: str, size: int) -> Config:
    chosen = {
        "data_path": folder,
        "benchmark_filename": ["train", "valid", "test"],
        "load_col": {"inter": ["user_id", "item_id"]},
        "embedding_size": 64,
        "topk": [10, 100],
        "metrics": ["Recall", "Precision", "Hit", "NDCG", "MAP", "MRR"],
        "valid_metric": "NDCG@10",
        "metric_decimal_place": 12,
        "eval_batch_size": size,
        "eval_args": {"mode": "full", "order": "RO", "group_by": "user", "split": {"RS": [0.8, 0.1, 0.1]}},
        "train_neg_sample_args": {"distribution": "uniform", "sample_num": 1},
        "use_gpu": False,
        "checkpoint_dir": f"{folder}/saved",
        "show_progress": False,
        "log_wandb": False,
    }
    sys.argv = sys.argv[:1]
    return Config(model="BPR", dataset="world", config_dict=chosen)


def set_factors(table: torch.nn.Embedding, tokens: np.ndarray, factors: np.ndarray) -> None:
    """RecBole numbers entities as it meets them; 0 is padding."""
    for number, token in enumerate(tokens):
        if token != "[PAD]" and int(token) < len(factors):
            table.weight.data[number] = torch.from_numpy(factors[int(token)])


def main() -> None:
    given, size = dict(np.load(sys.argv[1])), int(sys.argv[2])
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    with TemporaryDirectory() as folder:
        files(Path(folder) / "world", given)
        config = settings(folder, size)
        logging.disable(logging.CRITICAL)
        dataset = create_dataset(config)
        train, _, test = data_preparation(config, dataset)
        model = get_model("BPR")(config, train.dataset)
        set_factors(model.user_embedding, dataset.field2id_token["user_id"], given["users"])
        set_factors(model.item_embedding, dataset.field2id_token["item_id"], given["items"])
        trainer = get_trainer(config["MODEL_TYPE"], "BPR")(config, model)
        trainer.eval_collector.data_collect(train)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = CLOCK()
        values = trainer.evaluate(test, load_best_model=False)
        seconds = CLOCK() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"seconds": seconds, "before": before, "peak": peak} | {k: float(v) for k, v in values.items()}
        )
    )


main()
