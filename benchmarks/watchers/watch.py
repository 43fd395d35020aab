"""Trains a tiny model with report_to, and asks TensorBoard, MLflow and Prometheus' parser for every value of every step."""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

STEPS = 40
RECIPE = """
seed: 3
model:
  tokenizer: {tokenizer}
  config: {{hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128}}
data: [{{generator: arithmetic, levels: [1], count: 40}}]
sft: {{max_steps: {steps}, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}}
evaluation: {{data: [{{generator: arithmetic, levels: [1], count: 5}}]}}
logging:
  report_to: [tensorboard, mlflow, prometheus]
  prometheus_port: {prometheus}
  mlflow_tracking_uri: http://127.0.0.1:{mlflow}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, body=None):
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def until(what, seconds=120):
    end = time.time() + seconds
    while True:
        try:
            found = what()
            if found:
                return found
        except OSError:
            pass
        if time.time() > end:
            raise SystemExit("nothing came in time")
        time.sleep(0.2)


def close(a, b):
    return abs(a - b) <= 1e-6 * max(1, abs(a))


def main(hone, tokenizer):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="hone-watchers-"))
    ports = {name: free_port() for name in ("mlflow", "prometheus", "tensorboard")}
    servers = []
    try:
        servers.append(subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(ports["mlflow"]), "--workers", "1",
             "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        mlflow = f"http://127.0.0.1:{ports['mlflow']}"
        until(lambda: get(mlflow + "/health"))
        recipe = folder / "recipe.yaml"
        recipe.write_text(RECIPE.format(tokenizer=tokenizer, steps=STEPS, **ports))
        run = folder / "run"
        training = subprocess.Popen([hone, "train", str(recipe), "--output-dir", str(run)])
        seen = {}
        while training.poll() is None:
            try:
                for family in text_string_to_metric_families(get(f"http://127.0.0.1:{ports['prometheus']}/metrics")):
                    seen.update({sample.name: sample.value for sample in family.samples})
            except OSError:
                pass
            time.sleep(0.02)
        if training.returncode != 0:
            raise SystemExit("the run failed")

        events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
        losses = [event["loss"] for event in events if event["event"] == "train"]
        assert len(losses) == STEPS, len(losses)
        print(f"events.jsonl  {len(losses)} losses, {losses[0]:.4f} to {losses[-1]:.4f}")

        assert any("loss" in name for name in seen), seen
        print(f"Prometheus    {len(seen)} metrics parsed while the run went on")

        servers.append(subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1",
             "--port", str(ports["tensorboard"])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        board = f"http://127.0.0.1:{ports['tensorboard']}/data/plugin/scalars/"
        tags = until(lambda: json.loads(get(board + "tags")))
        name, tag = next((name, tag) for name in tags for tag in tags[name] if tag == "train/loss")
        query = urllib.parse.urlencode({"run": name, "tag": tag})
        values = until(lambda: [v for v in json.loads(get(board + "scalars?" + query))])
        assert len(values) == STEPS and all(close(v[2], loss) for v, loss in zip(values, losses)), values
        print(f"TensorBoard   {sum(len(t) for t in tags.values())} tags; {len(values)} losses, the same")

        experiment = json.loads(get(f"{mlflow}/api/2.0/mlflow/experiments/get-by-name?experiment_name=hone"))
        found = json.loads(get(mlflow + "/api/2.0/mlflow/runs/search",
                               {"experiment_ids": [experiment["experiment"]["experiment_id"]]}))["runs"]
        assert len(found) == 1 and found[0]["info"]["status"] == "FINISHED", found
        run_id = found[0]["info"]["run_id"]
        query = urllib.parse.urlencode({"run_id": run_id, "metric_key": "train/loss", "max_results": 1000})
        history = json.loads(get(f"{mlflow}/api/2.0/mlflow/metrics/get-history?{query}"))["metrics"]
        history.sort(key=lambda metric: int(metric["step"]))
        assert len(history) == STEPS and all(close(m["value"], loss) for m, loss in zip(history, losses)), history
        artifacts = json.loads(get(f"{mlflow}/api/2.0/mlflow/artifacts/list?run_id={run_id}"))["files"]
        assert {"report.html", "recipe.yaml"} <= {artifact["path"] for artifact in artifacts}, artifacts
        print(f"MLflow        {len(found[0]['data']['params'])} parameters, {len(history)} losses, the same; "
              + ", ".join(sorted(artifact["path"] for artifact in artifacts)))
    finally:
        for server in servers:
            server.terminate()


if __name__ == "__main__":
    main(*sys.argv[1:])
