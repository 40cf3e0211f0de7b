/** deploy/kubernetes is what Kubernetes and KEDA understand, by their schemas as npm has them, and what the service does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig, variables } from '../src/config.js';

const folder = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));
const load = createRequire(import.meta.url);

interface Container {
  args: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  resources: { limits: Record<string, string> };
  [probe: string]: unknown;
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    template: { metadata: { labels: object }; spec: { containers: Container[] } };
    selector: { matchLabels: object };
    scaleTargetRef: { name: string };
    triggers: { metadata: { url: string } }[];
  };
}

const kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
const read = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest);
const manifests = kustomization.resources.flatMap(read);
const named = (kind: string, name: string): Manifest =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)!;

/** The check of a kind, from the package that has its schema. */
function check(manifest: Manifest): void {
  const [group, version] = manifest.apiVersion.includes('/')
    ? manifest.apiVersion.split('/')
    : ['', manifest.apiVersion];
  const path = group.includes('keda')
    ? '@kubernetes-models/keda/keda.sh'
    : `kubernetes-models/${group}`.replace(/\/$/, '');
  const { [manifest.kind]: Model } = load(`${path}/${version}`) as Record<
    string,
    new (data: Manifest) => { validate(): void }
  >;
  new Model(manifest).validate();
}

test('every manifest is as its schema says, and every file is listed', () => {
  for (const manifest of manifests)
    assert.doesNotThrow(() => check(manifest), `${manifest.kind} ${manifest.metadata.name}`);
  assert.deepEqual(
    [...kustomization.resources, 'kustomization.yaml'].sort(),
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort(),
  );
  const wrong = structuredClone(named('Deployment', 'onecycle-api'));
  Object.assign(wrong.spec, { replicas: 'two' });
  assert.throws(() => check(wrong));
});

test('containers are probed and limited, and their environments are valid', () => {
  const deployments = manifests.filter(({ kind }) => kind === 'Deployment');
  assert.equal(deployments.length, 3);
  for (const { metadata, spec } of deployments) {
    const [{ args, env = [], resources, ...container }] = spec.template.spec.containers;
    assert.ok(container.livenessProbe && container.startupProbe, metadata.name);
    assert.ok('memory' in resources.limits, metadata.name);
    assert.equal('nvidia.com/gpu' in resources.limits, metadata.name === 'onecycle-worker-gpu');
    assert.deepEqual(
      env.map(({ name }) => name).filter((name) => !(name in variables)),
      [],
    );
    const values = env.flatMap(({ name, value }) =>
      value !== undefined && !name.endsWith('_FILE') ? [[name, value] as const] : [],
    );
    loadConfig({ ...Object.fromEntries(values), REDIS_URL: 'redis://valkey:6379' });
    assert.match(args[0], /^(api|worker)$/);
    const budget = named('PodDisruptionBudget', metadata.name);
    assert.deepEqual(budget.spec.selector.matchLabels, spec.template.metadata.labels);
  }
});

test('KEDA scales the GPU workers by the demand for their own labels', () => {
  const { spec } = named('ScaledObject', 'onecycle-worker-gpu');
  const [container] = named('Deployment', spec.scaleTargetRef.name).spec.template.spec.containers;
  const labels = container.env!.find(({ name }) => name === 'ONECYCLE_LABELS')!.value;
  const { pathname, searchParams } = new URL(spec.triggers[0].metadata.url);
  assert.deepEqual(
    [pathname, searchParams.get('device'), searchParams.get('labels')],
    ['/queue/demand', 'gpu', labels],
  );
});
