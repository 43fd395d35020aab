"""Compares `hone serve` with transformers through lm-evaluation-harness; see run."""

import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import lm_eval

TOLERANCE = 1e-3


def problems(count):
    """Sums and differences; of the wrong answers offered two are near and one is the right one with a digit more."""
    draw = random.Random(7)
    for _ in range(count):
        a, b = draw.randint(10, 99), draw.randint(10, 99)
        sign = draw.choice("+-")
        right = a + b if sign == "+" else a - b
        answers = [right, right + draw.choice([-2, -1, 1, 2]), right + draw.choice([-20, -10, 10, 20]), 10 * right + 1]
        draw.shuffle(answers)
        yield {
            "question": f"{a}{sign}{b}=?\n",
            "choices": [f"Answer: {answer}" for answer in answers],
            "gold": answers.index(right),
            "answer": str(right),
            "text": f"{a}{sign}{b}=?\nAnswer: {right}",
        }


def tasks(file):
    """Each kind of request that the harness makes: choosing by log-likelihood, writing, and the likelihood of a text."""
    common = {
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(file)}},
        "test_split": "test",
        "target_delimiter": "",
    }
    choice = dict(
        common,
        task="arithmetic_choice",
        output_type="multiple_choice",
        doc_to_text="question",
        doc_to_choice="choices",
        doc_to_target="gold",
        metric_list=[{"metric": "acc"}, {"metric": "acc_norm"}],
    )
    written = dict(
        common,
        task="arithmetic_written",
        output_type="generate_until",
        doc_to_text="question",
        doc_to_target="answer",
        generation_kwargs={"until": ["?"], "max_gen_toks": 48, "do_sample": False, "temperature": 0},
        filter_list=[
            {
                "name": "answer",
                "filter": [{"function": "regex", "regex_pattern": "Answer: (-?\\d+)"}, {"function": "take_first"}],
            }
        ],
        metric_list=[{"metric": "exact_match"}],
    )
    text = dict(
        common,
        task="arithmetic_text",
        output_type="loglikelihood_rolling",
        doc_to_text="",
        doc_to_target="text",
        metric_list=[{"metric": "byte_perplexity"}],
    )
    return [choice, written, text]


def prepared(model, out):
    """The model's folder, with what transformers needs to know of a tokenizer.json that stands alone."""
    folder = out / "model"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in model.iterdir():
        (folder / file.name).symlink_to(file.resolve())
    if not (folder / "tokenizer_config.json").exists():
        known = {token["content"] for token in json.loads((folder / "tokenizer.json").read_text())["added_tokens"]}
        end = next(name for name in ("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>") if name in known)
        (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": end, "pad_token": end}))
    return folder


def evaluate(model, arguments, file):
    result = lm_eval.simple_evaluate(
        model=model, model_args=arguments, device="cpu", tasks=tasks(file), log_samples=True, bootstrap_iters=0
    )
    samples = {task: sorted(s, key=lambda sample: sample["doc_id"]) for task, s in result["samples"].items()}
    return result["results"], samples


def over_hone(folder, file):
    command = [os.environ["HONE"], "serve", str(folder), "--port", "0", "--name", "model"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in server.stdout:
            if found := re.search(r"(http://\S+)/v1;", line):
                break
        else:
            raise SystemExit("hone serve ended before it served")
        arguments = dict(
            base_url=found[1] + "/v1/completions",
            model="model",
            tokenizer=str(folder),
            tokenizer_backend="huggingface",
            batch_size=4,
            num_concurrent=4,
            max_length=512,
        )
        return evaluate("local-completions", arguments, file)
    finally:
        server.terminate()
        server.wait()


def numbers(answer):
    """Log-likelihoods and whether each is the greedy one, as the harness keeps them: in strings, by its version."""
    found = re.findall(r"-?\d+\.\d+(?:e-?\d+)?|True|False", str(answer))
    return [float(x) for x in found if x not in ("True", "False")], [x for x in found if x in ("True", "False")]


def main():
    out = pathlib.Path(sys.argv[1])
    model = pathlib.Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    file = out / "arithmetic.jsonl"
    file.write_text("".join(json.dumps(problem) + "\n" for problem in problems(count)))
    folder = prepared(model, out)
    hone, hone_samples = over_hone(folder, file)
    peer, peer_samples = evaluate("hf", dict(pretrained=str(folder), dtype="float32", max_length=512), file)
    print("| task | metric | hone | transformers | log-likelihoods | largest difference | other answers that differ |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    failed = False
    for task in hone_samples:
        largest, compared, differing = 0.0, 0, 0
        for own, other in zip(hone_samples[task], peer_samples[task], strict=True):
            if task == "arithmetic_written":
                differing += own["resps"] != other["resps"]
                continue
            own_numbers, own_greedy = numbers(own["resps"])
            other_numbers, other_greedy = numbers(other["resps"])
            assert own_numbers and len(own_numbers) == len(other_numbers), (own, other)
            compared += len(own_numbers)
            largest = max([largest, *(abs(a - b) for a, b in zip(own_numbers, other_numbers))])
            differing += own_greedy != other_greedy
        failed |= largest > TOLERANCE or differing > 0
        for metric in hone[task]:
            if "," in metric and "stderr" not in metric:
                print(
                    f"| {task} | {metric.split(',')[0]} | {hone[task][metric]:.4f} | {peer[task][metric]:.4f}"
                    f" | {compared or ''} | {f'{largest:.1e}' if compared else ''} | {differing} |"
                )
    sys.exit(1 if failed else 0)


main()
