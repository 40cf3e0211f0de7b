"""What both Python sides share: their data, and the commands that bench/contender.ts sends, a line of JSON each."""
import json
import os
import resource
import sys
import time

import torch
from torch import nn

from models import model_for


device = torch.device(os.environ.get("BENCH_DEVICE", "cpu"))


class Contender:
    """One side on one workload: a subclass starts, and trains and evaluates one pass over `self.batches`."""

    def begin(self, workload):
        rows = workload["batch"] * workload["batches"]
        *spatial, channels = workload["shape"]
        x = torch.randn(rows, channels, *spatial)  # channels first, as PyTorch has them
        classes = workload.get("classes")
        y = torch.randn(rows, workload["outputs"]) if classes is None else torch.randint(0, classes, (rows,))
        self.batches = list(zip(x.split(workload["batch"]), y.split(workload["batch"])))
        self.rows = rows
        self.loss = nn.MSELoss() if classes is None else nn.CrossEntropyLoss()
        self.first_loss = None
        self.started = time.perf_counter()
        self.start(model_for(workload).to(device))  # trains one pass, as a warm-up
        return {"first_step_ms": (self.first_loss - self.started) * 1e3}

    def on_device(self):
        """The batches, each brought to the device as it is needed: they lie in the machine's memory on every side."""
        return ((x.to(device), y.to(device)) for x, y in self.batches)

    def note_loss(self):
        """To be called once a batch's loss is known to Python."""
        if self.first_loss is None:
            self.first_loss = time.perf_counter()

    def train(self, _):
        return {"step_ms": timed(self.train_pass) * 1e3 / len(self.batches)}

    def evaluate(self, _):
        return {"rows_per_second": self.rows / timed(self.evaluate_pass)}

    def peak_memory(self, _):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {"peak_bytes": peak * (1 if sys.platform == "darwin" else 1024)}


def timed(body):
    started = time.perf_counter()
    body()
    return time.perf_counter() - started


def serve(contender, threads=2):
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(contender, command["do"])(command.get("workload"))
        print(json.dumps(answer), flush=True)
