"""Ray Jobs on a cluster of this machine: jobs that print a line. Prints milliseconds from submission to end, as JSON."""

import json
import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray.job_submission import JobStatus, JobSubmissionClient

POLL_SECONDS = 0.005
ENTRYPOINT = f"{sys.executable} -c 'print(1)'"


def run(client: JobSubmissionClient, _=None) -> float:
    began = time.perf_counter()
    job = client.submit_job(entrypoint=ENTRYPOINT)
    while not (status := client.get_job_status(job)).is_terminal():
        time.sleep(POLL_SECONDS)
    if status != JobStatus.SUCCEEDED:
        sys.exit(f"{job} is {status}: {client.get_job_info(job).message}")
    return (time.perf_counter() - began) * 1000


def main(alone: int, at_once: int) -> None:
    context = ray.init(include_dashboard=True, log_to_driver=False, logging_level="error")
    client = JobSubmissionClient(f"http://{context.dashboard_url}")
    run(client)
    single = statistics.median(run(client) for _ in range(alone))
    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda _: run(client), range(at_once)))
    each = (time.perf_counter() - began) * 1000 / at_once
    ray.shutdown()
    print(json.dumps({"alone": single, "at_once": each}))


main(int(sys.argv[1]), int(sys.argv[2]))
