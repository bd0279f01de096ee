"""Independent source: the same work one part after the other."""

import threading

import pytest
import torch

from recsys.ops import parallel


@pytest.fixture(params=[1, 3])
def threads(request: pytest.FixtureRequest) -> int:
    return request.param


def test_every_part_is_done_once_and_the_setting_stays(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        done, inside = torch.zeros(50), set()

        def work(part: int) -> None:
            inside.add(torch.get_num_threads())
            done[part] += part

        parallel.each(work, range(50), torch.device("cpu"))
        assert torch.equal(done, torch.arange(50.0))
        assert inside == {1}
        assert torch.get_num_threads() == threads
        after: list[int] = []
        other = threading.Thread(target=lambda: after.append(torch.get_num_threads()))
        other.start()
        other.join()
        assert after == [threads]
    finally:
        torch.set_num_threads(before)


def test_an_error_is_raised(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with pytest.raises(ZeroDivisionError):
            parallel.each(lambda part: print(1 / part), [0, 1], torch.device("cpu"))
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
