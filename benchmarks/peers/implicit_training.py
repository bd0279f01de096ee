"""implicit's ALS on given pairs: {its folder}/bin/python implicit_training.py pairs.npz FACTORS ITERATIONS

Only `fit` is timed; its matrix is made beforehand.
"""

import json
import os
import resource
import sys
import time

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

MB = 1024
CLOCK = time.process_time if os.environ.get("CLOCK") == "cpu" else time.perf_counter


def main(file: str, factors: int, iterations: int) -> None:
    pairs = np.load(file)
    values = np.full(len(pairs["user"]), 5.0, dtype=np.float32)
    taken = sparse.csr_matrix((values, (pairs["user"], pairs["item"])), shape=tuple(pairs["shape"]))
    threads = int(os.environ["OMP_NUM_THREADS"])
    seconds = []
    for _ in range(3):
        model = AlternatingLeastSquares(
            factors=factors, iterations=iterations, regularization=0.1, num_threads=threads, random_state=0
        )
        start = CLOCK()
        model.fit(taken, show_progress=False)
        seconds.append(CLOCK() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    print(json.dumps({"seconds": float(np.median(seconds)), "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
