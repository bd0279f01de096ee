"""How many threads a worker of a sweep may use: a share of the cores, by hand."""

import os

import pytest

from recsys.sweep import _threads


@pytest.mark.parametrize(
    ("workers", "omp", "expected"),
    [
        (2, None, 4),
        (3, None, 2),
        (20, None, 1),
        (2, "1", 1),
        (1, "3", 3),
        (2, "16", 4),
        (2, "0", 4),
        (2, "4,2", 4),
    ],
)
def test_a_worker_has_its_share_of_the_cores_and_no_more_than_omp_num_threads(
    workers: int, omp: str | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    if omp is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", omp)
    assert _threads(workers) == expected
