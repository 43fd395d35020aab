"""Hone's timings and PyTorch's as one Markdown table.

    table.py FOLDER > FOLDER/gpu-steps.md        what StepTimings and torch_step_peer.py wrote
    table.py FOLDER ops > FOLDER/gpu-ops.md      what operations.py wrote, operations.json, and of GpuCheck's gpu.json the count
"""

import json
import statistics
import sys
from pathlib import Path

GIB = 1 << 30
# A row's rate is trusted where that of the large product before and after it differs by less.
STEADY = 0.02


def main():
    folder = Path(sys.argv[1])
    if sys.argv[2:] == ["ops"]:
        operations(folder)
    else:
        steps(folder)


def operations(folder):
    report = json.loads((folder / "operations.json").read_text())
    measured = [row for row in report["rows"] if "failure" not in row]
    print("# Operations on a GPU\n")
    print(f"- {report['date'][:10]}, {report['device']}; bfloat16, random normal numbers, the cache overwritten between calls")
    if "torch" in report:
        print(f"- peer: PyTorch {report['torch']}, {report['torch_device']}")
    print(f"- medians of {report['rounds']} rounds of {report['calls']} calls, hone's and the peers' by turns")
    print("- a ratio is the median of the rounds', the quartiles are theirs")
    for unit, what in (("GB/s", "copy"), ("TFLOP/s", "large product")):
        rates = [rate for row in measured if row["unit"] == unit for rate in row["rounds_ceiling"]]
        if rates:
            middle = statistics.median(rates)
            print(f"- ceiling, {what}: {middle:.0f} {unit}, in the rounds {min(rates):.0f} to {max(rates):.0f}")
    if (folder / "gpu.json").exists():
        checks = json.loads((folder / "gpu.json").read_text())["operations"]
        print(f"- {sum(check['passed'] for check in checks)} of {len(checks)} checks of operations passed")
    print("\n| what | hone, ms | rate | of the ceiling | peer | peer, ms | hone / peer | quartiles |")
    print("| --- | --: | --: | --: | --- | --: | --: | --: |")
    for row in measured:
        own = f"| {row['what']} | {row['milliseconds']:.4g} | {row['rate']:.0f} {row['unit']} "
        own += f"| {100 * row['share_of_ceiling']:.0f} % "
        for peer in row["peers"]:
            if "failure" in peer:
                print(f"{own}| {peer['peer']} | not measured | | |")
                continue
            low, high = peer["ratio_quartiles"]
            print(f"{own}| {peer['peer']} | {peer['milliseconds']:.4g} | {peer['ratio']:.2f} | {low:.2f} to {high:.2f} |")
        if not row["peers"]:
            print(f"{own}| | | | |")
    for row in measured:
        for peer in row["peers"]:
            if row.get("extra_bytes") and peer.get("extra_bytes"):
                own, other = row["extra_bytes"], peer["extra_bytes"]
                print(
                    f"\nMemory beside inputs and results, {row['what']}: {own / GIB:.2f} GiB, "
                    f"PyTorch {other / GIB:.2f} GiB, {100 * own / other:.0f} %"
                )
    failures = {row["what"]: row["failure"] for row in report["rows"] if "failure" in row}
    for row in measured:
        failures |= {f"{row['what']}, {peer['peer']}": peer["failure"] for peer in row["peers"] if "failure" in peer}
    not_measured(failures)


def steps(folder):
    reports = [json.loads(file.read_text()) for file in sorted(folder.glob("gpu-*.json"))]
    torch = [report for report in reports if "transformers" in report]
    hone = [report for report in reports if "dtype" in report]
    print("# Whole steps on a GPU\n")
    heads(hone, torch)
    ours = {row["what"]: row for report in hone for row in report["rows"]}
    theirs = [row for report in torch for row in report["rows"]]
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
    for report in torch:
        failures |= report["failures"]
    not_measured(failures)


def not_measured(failures):
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
    for report in torch[:1]:
        print(f"- driver {report['driver']}; PyTorch {report['torch']}, transformers {report['transformers']}")
    for name, reports in (("hone", hone), ("PyTorch", torch)):
        if reports:
            copy = max(report["copy_bytes_per_s"] for report in reports) / 1e9
            matmul = max(report["matmul_flops"] for report in reports) / 1e12
            print(f"- ceilings by {name}: copy {copy:.0f} GB/s, 8192^3 bfloat16 product {matmul:.0f} TFLOP/s")


def details(name, rows):
    """The further figures of each row; bytes in GiB, shares in percent."""
    print(f"\n{name}:\n")
    for row in rows:
        figures = ", ".join(f"{key.removesuffix('_bytes')} {shown(key, value)}" for key, value in row["more"].items())
        print(f"- {row['what']}: {figures or 'no further figures'}{drift(row['more'])}")


def drift(figures):
    """Words on a row before and after which the large product did not run at the same rate."""
    if "matmul_flops_before" not in figures:
        return ""
    change = figures["matmul_flops_after"] / figures["matmul_flops_before"] - 1
    return f"; **the GPU's rate changed by {100 * change:+.1f} %**" if abs(change) > STEADY else ""


def shown(key, value):
    if key.endswith("_bytes"):
        return f"{value / GIB:.1f} GiB"
    if key.startswith("matmul_flops"):
        return f"{value / 1e12:.0f} TFLOP/s"
    if key.startswith("share_"):
        return f"{100 * value:.1f} %"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


main()
