import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The version of the NVIDIA driver of this machine, or null where there is none. */
export function nvidiaDriver(): string | null {
  try {
    const text = readFileSync('/proc/driver/nvidia/version', 'utf8');
    return /\b(\d+\.\d+(?:\.\d+)?)\b/.exec(text)?.[1] ?? 'of unknown version';
  } catch {
    return askNvidiaSmi(); // containers and WSL have no /proc/driver
  }
}

function askNvidiaSmi(): string | null {
  const { status, stdout } = spawnSync('nvidia-smi', ['--query-gpu=driver_version', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  return status === 0 ? (stdout.split('\n')[0]?.trim() ?? null) : null;
}
