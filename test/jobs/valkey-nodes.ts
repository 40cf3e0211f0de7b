/** Several real Valkey processes: a cluster, or a primary with a replica and Sentinels. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findServer } from '../../src/valkey/find.js';
import { freePort } from '../free-port.js';
import { until } from './harness.js';

/** A server, and a connection to it. */
export interface Node {
  port: number;
  process: ChildProcess;
  client: Redis;
}

/** Nodes of one test, in its folder. */
export class Nodes {
  readonly all: Node[] = [];

  constructor(private readonly folder: string) {}

  /** Starts one with these settings. */
  async start(...settings: string[]): Promise<Node> {
    const port = await nodePort();
    const folder = join(this.folder, String(port));
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'conf'),
      ['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, ...settings, ''].join('\n'),
    );
    const command = await findServer(this.folder, () => undefined);
    const sentinel = settings.some((line) => line.startsWith('sentinel ')) ? ['--sentinel'] : [];
    const child = spawn(command, [join(folder, 'conf'), ...sentinel], { stdio: 'ignore' });
    const client = new Redis({ port, protocol: 2, maxRetriesPerRequest: null, retryStrategy: () => 20 });
    client.on('error', () => undefined);
    const node = { port, process: child, client };
    this.all.push(node);
    return node;
  }

  /** Ends them all at once. */
  async stop(): Promise<void> {
    await Promise.all(
      this.all.map(async ({ process: child, client }) => {
        client.disconnect();
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }
}

const durable = ['appendonly yes', 'appendfsync always', 'save ""', 'maxmemory-policy noeviction'];

/** Three primaries that share the slots, and `replicas` of each. */
export async function startCluster(nodes: Nodes, replicas = 0): Promise<Node[]> {
  const settings = [...durable, 'cluster-enabled yes', 'cluster-node-timeout 2000'];
  const started = await Promise.all(Array.from({ length: 3 * (1 + replicas) }, () => nodes.start(...settings)));
  const [first] = started;
  const primaries = started.slice(0, 3);
  const shares = [0, 5461, 10923, 16384];
  for (const [i, { client }] of primaries.entries())
    await client.call('CLUSTER', 'ADDSLOTSRANGE', shares[i], shares[i + 1] - 1);
  for (const { client } of started.slice(1)) await client.call('CLUSTER', 'MEET', '127.0.0.1', first.port);
  await until('all nodes know each other', async () => {
    for (const { client } of started)
      if (!/cluster_known_nodes:(\d+)/.exec(await info(client))?.[1].match(String(started.length))) return null;
    return true;
  });
  for (const [i, { client }] of started.slice(3).entries())
    await client.call('CLUSTER', 'REPLICATE', String(await primaries[i % 3].client.call('CLUSTER', 'MYID')));
  await until('the cluster serves all slots', async () => {
    for (const { client } of started) if (!(await info(client)).includes('cluster_state:ok')) return null;
    return true;
  });
  return started;
}

const info = async (client: Redis): Promise<string> => String(await client.call('CLUSTER', 'INFO'));

/** A primary, a replica, and three Sentinels that watch them as `main`. */
export async function startWatched(
  nodes: Nodes,
  ...settings: string[]
): Promise<{ primary: Node; replica: Node; sentinels: Node[] }> {
  const [, user = '', password = ''] = /^masteruser (\S+)[\s\S]*^masterauth (\S+)/m.exec(settings.join('\n')) ?? [];
  const primary = await nodes.start(...durable, ...settings);
  const replica = await nodes.start(...durable, ...settings, `replicaof 127.0.0.1 ${primary.port}`);
  await until('the replica follows', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up') ? true : null,
  );
  const watch = [
    `sentinel monitor main 127.0.0.1 ${primary.port} 2`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
    ...(user ? [`sentinel auth-user main ${user}`, `sentinel auth-pass main ${password}`] : []),
  ];
  const sentinels = await Promise.all([0, 1, 2].map(() => nodes.start(...watch)));
  await until('the Sentinels know each other', async () => {
    for (const { client } of sentinels) {
      const known = (await client.call('SENTINEL', 'SENTINELS', 'main')) as unknown[];
      const replicas = (await client.call('SENTINEL', 'REPLICAS', 'main')) as unknown[];
      if (known.length < 2 || replicas.length < 1) return null;
    }
    return true;
  });
  return { primary, replica, sentinels };
}

/** A cluster's node listens 10,000 above as well. */
async function nodePort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000) return port;
  }
}
