/** Which devices this machine gives to workers. */
import { spawnSync } from 'node:child_process';
import type { Config } from '../config.js';
import type { NativeEngine } from '../engine/native/install/installed.js';
import { OnecycleError } from '../errors.js';

/**
 * The devices of ONECYCLE_DEVICES; by default every card if the engine has CUDA, else the CPU.
 * @throws OnecycleError `engine_not_installed` where a card is named that the engine cannot use.
 */
export function chooseDevices({ devices }: Pick<Config, 'devices'>, engine: NativeEngine | null): string[] {
  if (engine?.variant !== 'cuda') {
    const card = devices?.find((device) => device !== 'cpu');
    if (card === undefined) return devices ?? ['cpu'];
    throw new OnecycleError(
      'engine_not_installed',
      `ONECYCLE_DEVICES names ${card}, but no engine with CUDA is installed. ` +
        'To install it: npx onecycle engine install --cuda',
    );
  }
  if (devices) return devices;
  const found = cards();
  return found.length > 0 ? found : ['cpu'];
}

/** Every NVIDIA card, as `cuda:0`; where CUDA_VISIBLE_DEVICES names some by number, those alone. */
function cards(): string[] {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined && /^\d+(,\d+)*$/.test(visible)) return visible.split(',').map((index) => `cuda:${index}`);
  const { status, stdout } = spawnSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return status === 0 ? stdout.split('\n').flatMap((index) => (index.trim() ? [`cuda:${index.trim()}`] : [])) : [];
}
