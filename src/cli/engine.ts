import type { Command } from 'commander';

/** Adds `engine install` and `engine status`. */
export function engineCommands(program: Command): void {
  const engine = program.command('engine').description('the native engine: TensorFlow, compiled for this machine');
  engine
    .command('install')
    .description('install it into the cache folder, unless it is already there')
    .option('--cuda', 'TensorFlow with CUDA, for NVIDIA cards (Linux x64; about 3.4 GB to download)')
    .action(async ({ cuda = false }: { cuda?: boolean }) => install(cuda));
  engine.command('status').description('show what is installed and whether it works').action(status);
}

async function install(cuda: boolean): Promise<void> {
  const { installEngine } = await import('../engine/native/install/index.js');
  const { showProgress } = await import('./progress.js');
  const display = showProgress();
  const abort = new AbortController();
  const onSignal = () => abort.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const { engine, changed } = await installEngine({ cuda, onProgress: display.onProgress, signal: abort.signal });
    display.stop();
    const name = `TensorFlow ${engine.version} (${engine.variant})`;
    console.log(
      changed ? `${name} is installed in ${engine.folder}` : `${name} is already installed in ${engine.folder}`,
    );
  } catch (error) {
    display.stop();
    if (!abort.signal.aborted) throw error;
    console.error('The install was stopped. It left nothing behind.');
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function status(): Promise<void> {
  const { engineStatus } = await import('../engine/native/install/index.js');
  const { version, platform, nvidiaDriver, variants } = await engineStatus();
  console.log(`TensorFlow ${version} on ${platform}, NVIDIA driver ${nvidiaDriver ?? 'none'}`);
  for (const { variant, state, folder, device, problem, unusedCard } of variants) {
    const command = `npx onecycle engine install${variant === 'cuda' ? ' --cuda' : ''}`;
    const line = {
      installed: `installed, works on ${device ?? ''}, in ${folder}`,
      not_installed: `not installed. To install it: ${command}`,
      damaged: `damaged: ${problem ?? ''}. To repair it: rm -r '${folder}' && ${command}`,
      not_available: 'not available for this platform',
    }[state];
    console.log(`${variant.padEnd(5)}${line}`);
    if (unusedCard) console.log(`     It does not use the GPU: ${unusedCard}`);
  }
  if (!variants.some(({ state }) => state === 'installed')) process.exitCode = 1;
}
