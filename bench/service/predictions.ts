/** How long a prediction takes over HTTP: one row, one client after another, a warm model. */
import { spread } from './numbers.js';
import type { Service } from './service.js';
import { tiny } from './specs.js';

/** How fast rows are answered, while nothing trains and while something does. */
export interface Predictions {
  idle_ms: { median: number; p99: number };
  training_ms: { median: number; p99: number };
}

/** Trains a small model, and asks it for one row again and again. */
export async function measurePredictions(service: Service, requests: number): Promise<Predictions> {
  const { id } = await service.submit(tiny);
  await service.completed(id);
  const body = { x: [Array<number>(64).fill(0.5)] };
  const ask = async (): Promise<number> => {
    const started = performance.now();
    await service.json('POST', `/jobs/${id}/predict`, body);
    return performance.now() - started;
  };
  const several = async (): Promise<number[]> => {
    const took: number[] = [];
    while (took.length < requests) took.push(await ask());
    return took;
  };
  await several(); // loads the engine and the model
  const idle = await several();
  const busy = await service.submit({ ...tiny, policy: { name: 'fit', n_epoch: 10_000, lr: 0.001 } });
  await service.until('it trains', async () => {
    const { progress } = await service.json<{ progress: { iteration: number } }>('GET', `/jobs/${busy.id}`);
    return progress.iteration > 0;
  });
  const training = await several();
  await service.json('POST', `/jobs/${busy.id}/cancel`);
  return { idle_ms: spread(idle), training_ms: spread(training) };
}
