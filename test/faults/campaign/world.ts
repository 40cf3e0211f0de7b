/** The real service of a campaign: two workers, embedded Valkey, a data folder on a disk of its own. */
import { rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Server, temporaryFolder } from '../../e2e/harness.js';
import { until } from '../../e2e/processes.js';
import { SmallDisk } from './disk.js';
import { processesOf, signal, type Role, type Running } from './processes.js';

/** How long what has lost its parent may still be there. */
const orphanLimitMs = 10_000;
const env = {
  ONECYCLE_WORKERS: '2',
  ONECYCLE_ENGINE: 'tensorflow',
  // A fixed count is a condition of equal bits, and each worker has a core to itself.
  TF_NUM_INTRAOP_THREADS: '1',
};

export class World {
  private constructor(
    readonly dataDir: string,
    /** A string says why there is none. */
    readonly disk: SmallDisk | string,
    public server: Server,
  ) {}

  static async start(diskBytes: number): Promise<World> {
    const dataDir = temporaryFolder();
    const disk = SmallDisk.mount(dataDir, diskBytes);
    try {
      return new World(dataDir, disk, await Server.start({ dataDir, env }));
    } catch (error) {
      if (typeof disk !== 'string') disk.unmount();
      throw error;
    }
  }

  /** Its processes, of one role or of all. */
  running(role?: Role): Running[] {
    const all = processesOf(this.dataDir);
    return role === undefined ? all : all.filter((each) => each.role === role);
  }

  /** The service was killed: waits until all that it started is gone, and starts it again on its data. */
  async restart(): Promise<void> {
    const orphans = () => this.running().filter(({ role }) => role !== 'valkey');
    try {
      await until('what the killed service had started is gone', () => orphans().length === 0, orphanLimitMs);
    } catch (error) {
      const left = orphans().map(({ role, pid }) => `${role} ${pid}`);
      throw new Error(`Orphans are left: ${left.join(', ')}`, { cause: error });
    }
    this.server = await Server.start({ dataDir: this.dataDir, env });
  }

  /** Ends the service, and returns what is left of it where that is against the promise. */
  async stop(): Promise<Running[]> {
    await this.server.stop();
    return this.running();
  }

  /** How it stands, for whoever wonders why it does not go on: processes, room on the disk, the server's last words. */
  async describe(): Promise<string> {
    const { bavail, bsize } = await statfs(this.dataDir);
    const processes = this.running().map(({ role, pid }) => `${role} ${pid}`);
    const jobs = await this.server.get('/jobs?limit=10').then(
      ({ body }) => JSON.stringify(body),
      (error: unknown) => String(error),
    );
    return [
      `processes: ${processes.join(', ')}`,
      `free: ${Math.round((bavail * bsize) / 1024 ** 2)} MB`,
      `jobs: ${jobs}`,
      this.server.output.slice(-8000),
    ].join('\n');
  }

  /** Leaves nothing behind, however the campaign went. */
  async remove(): Promise<void> {
    for (const { pid } of this.running()) signal(pid, 'SIGKILL');
    await until('all is gone', () => this.running().length === 0);
    if (typeof this.disk !== 'string') this.disk.unmount();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
