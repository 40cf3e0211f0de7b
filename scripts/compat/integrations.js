// Curves in other tools (docs/integrations.md): each must end up with the same points as the job's metrics, once each.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { answering, stop, withServer } from './server.js';
import { folder, job, must, pythonPrograms, report, root } from './tools.js';

const json = async (url, body) => {
  const sent = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(url, body && sent);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
};

/** Runs the job, and returns its id and its points, each as [iteration, loss]. */
async function trained(url) {
  const { id } = await json(`${url}/jobs`, job);
  for (;;) {
    const { status } = await json(`${url}/jobs/${id}`);
    if (status === 'completed') break;
    assert.ok(!['failed', 'cancelled'].includes(status), `the job is ${status}`);
    await setTimeout(100);
  }
  const { iteration, raw_loss } = await json(`${url}/jobs/${id}/metrics`);
  return { id, points: iteration.map((step, i) => [step, raw_loss[i]]) };
}

/** A server of MLflow, and a service that pushes to it. */
export const tryMlflow = () =>
  report('mlflow', async () => {
    const port = await freePort();
    const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
    const store = ['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', folder];
    const server = spawn(join(pythonPrograms('mlflow==3.17.2'), 'mlflow'), [...args, ...store], {
      cwd: folder,
      stdio: 'ignore',
    });
    try {
      const url = await answering(server, () => `http://127.0.0.1:${port}`, '/health');
      assert.ok(url, 'mlflow has ended');
      let told;
      await withServer('mlflow', { MLFLOW_TRACKING_URI: url }, async (service) => {
        const { id, points } = await trained(service);
        const run = await finishedRun(`${url}/api/2.0/mlflow`, id);
        const query = new URLSearchParams({ run_id: run, metric_key: 'train/raw_loss', max_results: '25000' });
        const { metrics } = await json(`${url}/api/2.0/mlflow/metrics/get-history?${query}`);
        const pushed = metrics.map(({ step, value }) => [Number(step), value]).sort(([a], [b]) => a - b);
        assert.deepEqual(pushed, points);
        told = `${pushed.length} points of ${points.length}, each once and the same`;
      });
      return told;
    } finally {
      await stop(server);
    }
  });

/** The run of a job, once MLflow calls it finished. */
async function finishedRun(api, id) {
  for (;;) {
    const { experiments = [] } = await json(`${api}/experiments/search`, { max_results: 100 });
    const experiment_ids = experiments.filter(({ name }) => name === 'onecycle').map((each) => each.experiment_id);
    const filter = `tags.\`onecycle.job\` = '${id}'`;
    const { runs = [] } = experiment_ids.length ? await json(`${api}/runs/search`, { experiment_ids, filter }) : {};
    assert.ok(runs.length <= 1, 'a job has several runs');
    if (runs[0]?.info.status === 'FINISHED') return runs[0].info.run_id;
    await setTimeout(200);
  }
}

/** The example, with W&B's own package, which keeps the run in a folder; read back by the package's own reader. */
export const tryWandb = (url) =>
  report('wandb', async () => {
    const python = join(pythonPrograms('wandb==0.31.0'), 'python');
    const { id, points } = await trained(url);
    const env = { ...process.env, ONECYCLE_URL: url, WANDB_MODE: 'offline', WANDB_DIR: folder, WANDB_SILENT: 'true' };
    must(folder, python, [join(root, 'examples/wandb_sync.py'), id], { env, timeout: 120_000 });
    const logged = JSON.parse(must(folder, python, ['-c', reader, folder, id]));
    assert.deepEqual(logged, points);
    return `${logged.length} points of ${points.length}, each once and the same`;
  });

// A log of records as LevelDB's, in blocks of 32 kB, behind a header of W&B's own; each record is a protocol buffer.
const reader = `
import glob, json, struct, sys
from wandb.proto.wandb_internal_pb2 import Record
(path,) = glob.glob(f"{sys.argv[1]}/wandb/offline-run-*/run-{sys.argv[2]}.wandb")
data = open(path, "rb").read()
at, whole, points = 7, b"", []
while at + 7 <= len(data):
    if at % 32768 > 32768 - 7:
        at += 32768 - at % 32768
        continue
    _, length, kind = struct.unpack_from("<IHB", data, at)
    whole += data[at + 7 : at + 7 + length]
    at += 7 + length
    if kind in (1, 4):
        record = Record()
        record.ParseFromString(whole)
        whole = b""
        items = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        if "train/raw_loss" in items:
            points.append([record.history.step.num, items["train/raw_loss"]])
print(json.dumps(points))
`;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
