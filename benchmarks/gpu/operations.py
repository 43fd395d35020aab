"""Times operations, hone's and PyTorch's by turns on the same device:

    operations.py RESULT.json DEVICE PART HONE...    HONE... is the command line that starts OpTimings

Each is a process that lives through all rows and waits while the other is timed. Both make a row's tensors; then, ROUNDS times,
hone has its turn and each of its peers: some calls of the row's ceiling, which is a copy or the large product, and CALLS calls
of the row. So a ratio is of times less than a second apart, whatever the GPU's clock does, and a share is of what the GPU could
do in the same second: a round's ceiling is the best of its turns. PART is a pattern of rows' names, empty for all.

A side that ends or hangs in a row is started anew for the next one, and the row says why it has no figures. Without PyTorch, or
with HONE_GPU_PEER=no, hone is timed alone. Exit code 1 where one of hone's rows has none.
"""

import json
import os
import re
import statistics
import sys
import time
from pathlib import Path

from side import Failed, Side

ROUNDS, CALLS, CEILING_CALLS = 6, 6, 3
# Rows that would begin later are left out.
LIMIT_SECONDS = 150
CEILINGS = {"GB/s": "copy", "TFLOP/s": "matmul 8192 x 8192 x 8192"}
SCALES = {"GB/s": 1e9, "TFLOP/s": 1e12}


def median(seconds):
    """More than nothing: in a trial's small shapes a call may be lost in the noise."""
    return max(statistics.median(seconds), 1e-9)


def quartiles(values):
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return [low, high]


class Bench:
    def __init__(self, file, device, hone):
        self.file, self.begin = Path(file), time.monotonic()
        ceilings = CEILINGS.values()
        self.hone = Side("hone", hone, ceilings)
        self.torch = Side("PyTorch", [sys.executable, str(Path(__file__).parent / "torch_peer.py"), device], ceilings)
        self.report = {"date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "rounds": ROUNDS, "calls": CALLS}
        self.report["rows"] = []

    def seconds(self):
        return time.monotonic() - self.begin

    def run(self, part):
        """Whether hone has all its rows."""
        hone, peers = self.hone.start(), self.peers()
        self.report |= {key: hone[key] for key in ("device", "java")}
        self.work = {row["what"]: row["work"] for row in hone["rows"]}
        rows = [row for row in hone["rows"] if re.search(part, row["what"])]
        first = self.seconds()
        for done, row in enumerate(rows):
            if self.seconds() > LIMIT_SECONDS:
                result = {"what": row["what"], "failure": f"left out, {LIMIT_SECONDS} s were over"}
            else:
                result = self.measure(row, peers)
            self.report["rows"].append(result)
            self.write()
            left = (self.seconds() - first) / (done + 1) * (len(rows) - done - 1)
            print(f"{summary(result)}  ({done + 1} of {len(rows)}, about {left:.0f} s left)", flush=True)
        print(f"{len(rows)} rows in {self.seconds():.0f} s", flush=True)
        return not any("failure" in row for row in self.report["rows"])

    def peers(self):
        """The names of PyTorch's rows."""
        try:
            if os.environ.get("HONE_GPU_PEER") == "no":
                raise Failed("not wanted")
            about = self.torch.start()
        except Failed as error:
            print(f"no peer: {error}; hone is timed alone", flush=True)
            return []
        self.report |= {"torch": about["torch"], "torch_device": about["device"]}
        return about["rows"]

    def measure(self, row, peers):
        """Rounds of turns of hone and of its peers, whose names are the row's with theirs behind a comma."""
        what = row["what"]
        turns = {"hone": (self.hone, what)}
        for peer in peers:
            if peer == what or peer.startswith(what + ", "):
                turns[peer.removeprefix(what).removeprefix(", ") or "torch"] = self.torch, peer
        failures, rounds = {}, []

        def each(call):
            """What each gives; one that fails has no more turns in this row."""
            given = {}
            for name, (side, its_row) in turns.items():
                try:
                    if name not in failures:
                        given[name] = call(side, its_row)
                except Failed as error:
                    failures[name] = str(error)
            return given

        opened = each(self.open)
        while len(rounds) < ROUNDS and "hone" not in failures:
            rounds.append(each(lambda side, its_row: self.turn(side, its_row, row["unit"])))
        for side, its_row in turns.values():
            self.close(side, its_row)
        return self.result(row, turns, opened, rounds, failures)

    def open(self, side, what):
        side.start()
        return {} if what in CEILINGS.values() else side.ask(f"open {what}")

    def turn(self, side, what, unit):
        """The ceiling's rate, and seconds of the row's calls."""
        ceiling = CEILINGS[unit]
        seconds = side.ask(f"time {CEILING_CALLS} {ceiling}")["seconds"]
        return self.work[ceiling] / median(seconds), side.ask(f"time {CALLS} {what}")["seconds"]

    @staticmethod
    def close(side, what):
        if what not in CEILINGS.values() and side.process is not None:
            try:
                side.ask(f"close {what}")
            except Failed as error:
                print(f"{what}: not closed: {error}", flush=True)

    def result(self, row, turns, opened, rounds, failures):
        result = {"what": row["what"], "unit": row["unit"]}
        if "hone" in failures:
            return result | {"failure": failures["hone"]}
        ceilings = [max(rate for rate, _ in turn.values()) for turn in rounds]

        def figures(name):
            medians = [median(turn[name][1]) for turn in rounds]
            figures = {"milliseconds": 1e3 * median([second for turn in rounds for second in turn[name][1]])}
            return figures | {"rounds_ms": [1e3 * seconds for seconds in medians]} | opened[name]

        own = figures("hone")
        rates = [1e3 * row["work"] / ms for ms in own["rounds_ms"]]
        result |= own | {
            "rate": 1e3 * row["work"] / own["milliseconds"] / SCALES[row["unit"]],
            "rounds_ceiling": [rate / SCALES[row["unit"]] for rate in ceilings],
            "share_of_ceiling": statistics.median(rate / ceiling for rate, ceiling in zip(rates, ceilings)),
            "peers": [],
        }
        for name in list(turns)[1:]:
            if name in failures:
                result["peers"].append({"peer": name, "failure": failures[name]})
                continue
            peer = figures(name)
            ratios = [theirs / ours for theirs, ours in zip(peer["rounds_ms"], own["rounds_ms"])]
            ratio = {"ratio": statistics.median(ratios), "ratio_quartiles": quartiles(ratios)}
            result["peers"].append({"peer": name} | peer | ratio)
        return result

    def write(self):
        self.file.write_text(json.dumps(self.report, indent=1) + "\n")

    def stop(self):
        for side in (self.hone, self.torch):
            side.stop("all is done")


def summary(row):
    if "failure" in row:
        return f"{row['what']}: NOT MEASURED: {row['failure']}"
    told = f"{row['what']}: {row['milliseconds']:.4f} ms, {100 * row['share_of_ceiling']:.0f} % of the ceiling"
    for peer in row["peers"]:
        told += f"; {peer['peer']} "
        if "failure" in peer:
            told += f"not measured: {peer['failure']}"
        else:
            low, high = peer["ratio_quartiles"]
            told += f"{peer['milliseconds']:.4f} ms, ratio {peer['ratio']:.2f} ({low:.2f} to {high:.2f})"
    return told


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    bench = Bench(sys.argv[1], sys.argv[2], sys.argv[4:])
    try:
        whole = bench.run(sys.argv[3])
    except Failed as error:
        raise SystemExit(f"nothing is timed: {error}") from None
    finally:
        bench.stop()
    sys.exit(0 if whole else 1)


main()
