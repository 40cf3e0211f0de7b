// What a generator of clients and a fuzzer make of openapi.yaml.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, job, must, pythonPrograms, report, root } from './tools.js';

const programs = () => pythonPrograms('openapi-python-client==0.29.1', 'schemathesis==4.32.5');

const program = `
import json, os, sys
import httpx
from onecycle_client import Client
from onecycle_client.api.jobs import create_job, get_job
from onecycle_client.models import JobRequest
client = Client(base_url=os.environ["ONECYCLE_URL"])
body = JobRequest.from_dict(json.loads(sys.argv[1]))
job = create_job.sync(client=client, body=body)
frames = []
with client.get_httpx_client().stream("GET", f"/jobs/{job.id}/events", timeout=60) as answer:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            frames.append(json.loads(line[6:]))
record = get_job.sync(job.id, client=client)
print(json.dumps({"status": record.status, "frames": len(frames), "last": frames[-1]["status"], "accuracy": record.result.metrics["accuracy"]}))
assert frames[-1]["status"] == "completed"
`;
const config = 'package_name_override: onecycle_client\nproject_name_override: onecycle-client\n';

/** Generates a Python client, and runs a job by it. */
export const tryGenerator = (url) =>
  report('openapi-python-client', () => {
    writeFileSync(join(folder, 'config.yml'), config);
    const generated = ['--output-path', 'python', '--config', 'config.yml', '--meta', 'setup', '--overwrite'];
    const source = ['generate', '--path', join(root, 'openapi.yaml')];
    must(folder, join(programs(), 'openapi-python-client'), [...source, ...generated]);
    writeFileSync(join(folder, 'python', 'program.py'), program);
    const env = { ...process.env, ONECYCLE_URL: url };
    const args = ['program.py', JSON.stringify(job)];
    return must(join(folder, 'python'), join(programs(), 'python'), args, { env, timeout: 120_000 }).trim();
  });

/** Every operation but the streams, which have no end, and tus's, which is a protocol of its own. */
const fuzzed = (url, key) => [
  ...['run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${key}`, '--no-color', '--seed', '1'],
  ...['--exclude-path-regex', '^/(jobs/[^/]+/(stream|events)|stream|datasets/uploads.*)$'],
  // What is valid by the schema may still name a job that is not there, or layers that do not fit.
  ...['--exclude-checks', 'positive_data_acceptance'],
  ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '3', '--request-timeout', '60', '--warnings', 'off'],
];

/** Lets schemathesis ask what it likes. */
export const tryFuzzer = (url, key) =>
  report('schemathesis', () =>
    must(folder, join(programs(), 'schemathesis'), fuzzed(url, key), { timeout: 1_200_000 }).trim().slice(-400),
  );
