"""Independent work on as many threads as torch may use."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Part = TypeVar("Part")


def each(work: Callable[[Part], None], parts: Sequence[Part], device: torch.device) -> None:
    """Do the work on every part; on a CPU each thread takes one part after the other and computes it alone.

    Where the parts have many short operations this waits once, rather than in each of them for the slowest
    thread, which costs several times the work itself on a machine that others use too.

    Args:
        work: writes to what no other part touches. What torch keeps by thread (no_grad, autocast) does not
            hold in it.
    """
    number = min(torch.get_num_threads(), len(parts)) if device.type == "cpu" else 1
    if number <= 1:
        for part in parts:
            work(part)
        return
    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(number, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            for _ in pool.map(work, parts):
                pass
    finally:
        # A thread's setting is also what threads begin with that are made after it.
        torch.set_num_threads(before)
