"""MLflow Projects without an environment manager: runs that print a line. Prints milliseconds from start to end, as JSON."""

import json
import logging
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

# Runs as files: fewer packages than a database, and no migrations.
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow

logging.getLogger("mlflow").setLevel(logging.ERROR)


def run(project: str, wait: bool = True):
    return mlflow.projects.run(project, parameters={}, env_manager="local", synchronous=wait)


def main(alone: int, at_once: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mlflow.set_tracking_uri(Path(folder, "runs").as_uri())
        # A run that nobody waits for is started by this command; that of an environment that was moved names its old place.
        command = Path(folder, "mlflow")
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlflow "$@"\n')
        command.chmod(0o755)
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        project = Path(folder, "project")
        project.mkdir()
        entry = f"{sys.executable} tiny.py"
        Path(project, "MLproject").write_text(f"name: tiny\nentry_points:\n  main:\n    command: {entry}\n")
        Path(project, "tiny.py").write_text("print(1)\n")
        run(str(project))
        singles = []
        for _ in range(alone):
            began = time.perf_counter()
            run(str(project))
            singles.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        runs = [run(str(project), wait=False) for _ in range(at_once)]
        if not all(each.wait() for each in runs):
            sys.exit("A run of MLflow has failed.")
        each = (time.perf_counter() - began) * 1000 / at_once
    print(json.dumps({"alone": statistics.median(singles), "at_once": each}))


main(int(sys.argv[1]), int(sys.argv[2]))
