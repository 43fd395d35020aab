"""Reads an evaluation's files as lm-evaluation-harness reads its own.

    v/bin/python benchmarks/src/test/python/read_lm_eval_files.py FOLDER

FOLDER is what `hone eval --lm-eval FOLDER` wrote to. Prints the harness's table, and the samples as its tools load them.
"""

import json
import pathlib
import sys

import datasets
from lm_eval.tasks.ifeval.utils import agg_inst_level_acc
from lm_eval.utils import (
    get_file_task_name,
    get_latest_filename,
    get_results_filenames,
    get_sample_results_filenames,
    make_table,
)

for model in sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if path.is_dir()):
    names = [str(path) for path in model.iterdir()]
    latest = get_latest_filename(get_results_filenames(names))
    results = json.loads(pathlib.Path(latest).read_text())
    print(make_table(results))
    for name in get_sample_results_filenames(names):
        task = get_file_task_name(pathlib.Path(name).name)
        samples = datasets.load_dataset("json", data_files=name, split="train")
        accuracy = sum(samples["acc"]) / len(samples)
        assert abs(accuracy - results["results"][task]["acc,none"]) < 1e-9, (task, accuracy)
        for metric in sorted(set(samples["metrics"][0]) - {"acc"}):
            values = samples[metric]
            mean = agg_inst_level_acc(values) if metric.startswith("inst") else sum(values) / len(values)
            assert abs(mean - results["results"][task][metric + ",none"]) < 1e-9, (task, metric, mean)
        assert all(len(r[0]) == results["configs"][task]["repeats"] for r in samples["resps"])
        print(task, len(samples), "samples, accuracy", accuracy, "columns", sorted(samples.column_names))
