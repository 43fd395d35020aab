"""Joins hone's timings and PyTorch's into one Markdown table.

    table.py FOLDER > FOLDER/gpu-steps.md        what StepTimings and torch_step_peer.py wrote
    table.py FOLDER ops > FOLDER/gpu-ops.md      what GpuCheck and torch_peer.py wrote: gpu.json and torch.json
"""

import json
import sys
from pathlib import Path

GIB = 1 << 30


def main():
    folder = Path(sys.argv[1])
    if sys.argv[2:] == ["ops"]:
        operations(folder)
    else:
        steps(folder)


def operations(folder):
    hone, torch = (json.loads((folder / file).read_text()) for file in ("gpu.json", "torch.json"))
    peers = [row for row in torch["timings"] if "failure" not in row]
    print("# Operations on a GPU\n")
    print(f"- {hone['date'][:10]}, {hone['device']}; bfloat16, random normal numbers, the cache overwritten between calls")
    print(f"- peer: PyTorch {torch['torch']}, {torch['device']}")
    print(f"- {sum(op['passed'] for op in hone['operations'])} of {len(hone['operations'])} checks of operations passed")
    print("\n| what | hone, ms | rate | of the ceiling | peer | peer, ms | hone / peer |")
    print("| --- | --: | --: | --: | --- | --: | --: |")
    for row in hone["timings"]:
        what = row["what"]
        own = f"| {what} | {row['milliseconds']:.4g} | {row['rate']:.0f} {row['unit']} | {100 * row['shareOfCeiling']:.0f} % "
        # The peer's optimizer has no copy in bfloat16 to write: what counts is the rate.
        matching = [peer for peer in peers if peer["what"].startswith(what + ",") or peer["what"] == what]
        for peer in matching:
            name = peer["what"].removeprefix(what).removeprefix(", ") or "torch"
            print(f"{own}| {name} | {peer['milliseconds']:.4g} | {row['rate'] / peer['rate']:.2f} |")
        if not matching:
            print(f"{own}| | | |")
    for row in hone["timings"]:
        for peer in peers:
            if row.get("extraBytes") and peer.get("extra_bytes") and peer["what"] == row["what"]:
                own, other = row["extraBytes"], peer["extra_bytes"]
                print(
                    f"\nMemory beside inputs and results, {row['what']}: {own / GIB:.2f} GiB, "
                    f"PyTorch {other / GIB:.2f} GiB, {100 * own / other:.0f} %"
                )


def steps(folder):
    reports = {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("gpu-*.json"))}
    torch = reports.pop("gpu-torch", None)
    hone = [report for report in reports.values() if "rows" in report]
    print("# Whole steps on a GPU\n")
    heads(hone, torch)
    ours = {row["what"]: row for report in hone for row in report["rows"]}
    theirs = torch["rows"] if torch else []
    print("\n| what | hone, ms | tokens/s | peer | peer, ms | tokens/s | hone / peer |")
    print("| --- | --: | --: | --- | --: | --: | --: |")
    for what, row in ours.items():
        own = f"| {what} | {row['milliseconds']:.4g} | {row['rate']:.0f} "
        # The same work, whether or not activations are computed twice for it.
        peers = [peer for peer in theirs if peer["what"] == what.removesuffix(", recompute")]
        for peer in peers:
            ratio = row["rate"] / peer["rate"]
            print(f"{own}| {peer['peer']} | {peer['milliseconds']:.4g} | {peer['rate']:.0f} | {ratio:.2f} |")
        if not peers:
            print(f"{own}| | | | |")
    details("hone", ours.values())
    for peer in dict.fromkeys(row["peer"] for row in theirs):
        details(peer, [row for row in theirs if row["peer"] == peer])
    for report in hone:
        for what, operations in report.get("profiles", {}).items():
            profile(what, operations)
    failures = {f"hone, {what}": why for report in hone for what, why in report["failures"].items()}
    failures |= torch["failures"] if torch else {}
    for what, why in failures.items():
        print(f"\nNot measured: {what}: {why}")


def profile(what, operations):
    print(f"\nWhere a step's time goes, {what}, each operation waited for:\n")
    print("| operation, shapes of its first two tensors | calls | ms | share |")
    print("| --- | --: | --: | --: |")
    for row in operations:
        print(f"| {row['operation']} | {row['calls']:.4g} | {row['milliseconds']:.4g} | {100 * row['share']:.1f} % |")


def heads(hone, torch):
    for report in hone[:1]:
        print(f"- {report['date'][:10]}, {report['device']}; hone in {report['dtype']}, Java {report['java']}")
    if torch:
        print(f"- driver {torch['driver']}; PyTorch {torch['torch']}, transformers {torch['transformers']}")
    for name, reports in (("hone", hone), ("PyTorch", [torch] if torch else [])):
        if reports:
            copy = max(report["copy_bytes_per_s"] for report in reports) / 1e9
            matmul = max(report["matmul_flops"] for report in reports) / 1e12
            print(f"- ceilings by {name}: copy {copy:.0f} GB/s, 8192^3 bfloat16 product {matmul:.0f} TFLOP/s")


def details(name, rows):
    """The further figures of each row; bytes in GiB, shares in percent."""
    print(f"\n{name}:\n")
    for row in rows:
        figures = ", ".join(f"{key.removesuffix('_bytes')} {shown(key, value)}" for key, value in row["more"].items())
        print(f"- {row['what']}: {figures or 'no further figures'}")


def shown(key, value):
    if key.endswith("_bytes"):
        return f"{value / GIB:.1f} GiB"
    if key.startswith("share_"):
        return f"{100 * value:.1f} %"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


main()
