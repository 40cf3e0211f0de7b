"""Logs a job of onecycle to Weights & Biases, while it runs or afterwards: python wandb_sync.py JOB_ID

Needs `pip install wandb`; ONECYCLE_URL and ONECYCLE_API_KEY say which server, WANDB_PROJECT, WANDB_MODE and the others of
W&B where it goes. The run's id is the job's: started again, it goes on where that run ends. It runs beside the service,
which it only reads: whatever becomes of it, or of W&B, training goes on.
"""
import json, os, sys, time, urllib.error, urllib.request

import wandb

url = os.environ.get("ONECYCLE_URL", "http://127.0.0.1:3000").rstrip("/")
key = os.environ.get("ONECYCLE_API_KEY")
headers = {"Authorization": f"Bearer {key}"} if key else {}


def get(path, **more):
    return urllib.request.urlopen(urllib.request.Request(url + path, headers={**headers, **more}), timeout=60)


def frames(job):
    """Every frame once and in order, up to the last one; after a lost connection from the next one on."""
    last = None
    while True:
        try:
            more = {} if last is None else {"Last-Event-ID": str(last)}
            with get(f"/jobs/{job}/events?from=0" if last is None else f"/jobs/{job}/events", **more) as answer:
                if answer.status == 204:
                    return
                for line in answer:
                    if line.startswith(b"data: "):
                        frame = json.loads(line[6:])
                        if "seq" not in frame:  # a gap: this reader was too slow
                            break
                        last = frame["seq"]
                        yield frame
                        if frame.get("status") in ("completed", "failed", "cancelled"):
                            return
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise
            time.sleep(5)
        except OSError:
            time.sleep(5)


def rows(frame):
    """One dictionary an iteration, named as in the export for TensorBoard."""
    for i, step in enumerate(frame["iteration"]):
        row = {"train/raw_loss": frame["raw_loss"][i], "train/loss": frame["loss"][i]}
        for name, groups in frame["hypers"].items():
            for g, values in enumerate(groups):
                row[f"hypers/{name}/{g}" if len(groups) > 1 else f"hypers/{name}"] = values[i]
        yield step, {name: float("nan") if value is None else value for name, value in row.items()}


def main(job):
    record = json.load(get(f"/jobs/{job}"))
    run = wandb.init(
        id=job,
        resume="allow",
        project=os.environ.get("WANDB_PROJECT", "onecycle"),
        name=record.get("name"),
        config=record["spec"],
        tags=[f"{name}:{value}"[:64] for name, value in record["tags"].items()],
    )
    # W&B's steps only go forward. What an attempt repeats after a `rewind` is logged already, with the same values.
    next_step, at, epochs = run.step, -1, 0
    for frame in frames(job):
        if frame["type"] == "batches":
            for step, row in rows(frame):
                if step >= next_step:
                    run.log(row, step=step)
                    next_step = step + 1
                at = step
        elif frame["type"] == "epoch" and frame["epoch"] >= epochs:
            epochs = frame["epoch"] + 1
            if at == next_step - 1:  # else the run has it from before
                values = {"train_loss": frame["train_loss"], "valid_loss": frame["valid_loss"], **frame["metrics"]}
                run.log({f"epoch/{name}": value for name, value in values.items() if value is not None}, step=at)
    record = json.load(get(f"/jobs/{job}"))
    run.summary.update({"status": record["status"], "result": record["result"], "error": record["error"]})
    run.finish(exit_code=0 if record["status"] == "completed" else 1)


if __name__ == "__main__":
    main(sys.argv[1])
