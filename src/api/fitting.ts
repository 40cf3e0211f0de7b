/** A job that fits the service: neither too long for it, nor too large for every worker. */
import type { Jobs } from '../jobs/index.js';
import { bounded, checkGpuMemory, checkMemory, memoryOf } from '../request/bounds.js';
import type { JobRequest } from '../request/body.js';
import type { ResolvedJob } from '../request/resolve.js';

/** Every machine that runs a worker has as much: what takes less needs no look at the workers. */
const alwaysThere = 1024 ** 3;

/** The job as this service runs it. @throws OnecycleError `invalid_spec` */
export async function fitting(
  jobs: Pick<Jobs, 'bounds' | 'largestMemory'>,
  job: ResolvedJob,
  request: JobRequest,
): Promise<ResolvedJob> {
  const within = (spec: ResolvedJob['spec']) => bounded(spec, jobs.bounds, request.timeout_seconds !== undefined);
  const memory = memoryOf(job.spec);
  if (memory.bytes > alwaysThere) {
    const largest = await jobs.largestMemory(job.spec.device);
    if (largest !== null) checkMemory(memory, largest);
  }
  const { gpu_memory_bytes: stated } = job.spec;
  if (stated !== undefined) checkGpuMemory(stated, memory, await jobs.largestMemory('gpu'));
  return {
    ...job,
    spec: within(job.spec),
    ...(job.finder && { finder: { ...job.finder, spec: within(job.finder.spec) } }),
  };
}
