"""Verifies the answers of a JSONL file by Math-Verify in so many processes, and prints how many a second.

    python math_verify_peer.py ANSWERS.jsonl PROCESSES
"""

import json
import sys
import time
from multiprocessing import Pool

from math_verify import parse, verify


def check(line):
    return verify(parse("$" + line["answer"] + "$"), parse(line["response"]))


if __name__ == "__main__":
    lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    with Pool(int(sys.argv[2])) as pool:
        # Imports and the first parse are not part of the time.
        pool.map(check, lines[:64], chunksize=8)
        best = 0.0
        for _ in range(3):
            started = time.perf_counter()
            pool.map(check, lines, chunksize=50)
            best = max(best, len(lines) / (time.perf_counter() - started))
    print(best)
