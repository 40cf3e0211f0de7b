import { existsSync } from 'node:fs';
import { engineFolder, installedEngine, tensorflowVersion, type Variant } from './installed.js';
import { nvidiaDriver } from './nvidia.js';
import { verifyAddon } from './verify.js';
import { wheelsOf } from './wheels.js';

/** Whether a variant is installed. */
export interface VariantStatus {
  variant: Variant;
  /** `damaged`: it is there, but its files changed or it does not compute; installing again mends it. */
  state: 'installed' | 'not_installed' | 'damaged' | 'not_available';
  folder: string;
  /** What it computed on just now, or why it did not. */
  device?: string;
  problem?: string;
  /** Why it leaves a card alone that it is for. */
  unusedCard?: string;
}

/** What `onecycle engine status` tells. */
export interface EngineStatus {
  version: string;
  platform: string;
  /** The version of the NVIDIA driver, or null where there is none. */
  nvidiaDriver: string | null;
  variants: VariantStatus[];
}

/** What is installed. Each installed engine is asked to compute, in a process of its own. */
export async function engineStatus(): Promise<EngineStatus> {
  return {
    version: tensorflowVersion,
    platform: `${process.platform}-${process.arch}`,
    nvidiaDriver: nvidiaDriver(),
    variants: [await variantStatus('cpu'), await variantStatus('cuda')],
  };
}

async function variantStatus(variant: Variant): Promise<VariantStatus> {
  const folder = engineFolder(variant);
  if (wheelsOf(`${process.platform}-${process.arch}`, variant) === undefined)
    return { variant, state: 'not_available', folder };
  if (!existsSync(folder)) return { variant, state: 'not_installed', folder };
  const engine = installedEngine(variant);
  if (engine === null)
    return { variant, state: 'damaged', folder, problem: 'its files have changed since it was installed' };
  try {
    const { device, unusedCard } = await verifyAddon(engine.addon);
    return { variant, state: 'installed', folder, device, ...(variant === 'cuda' && unusedCard && { unusedCard }) };
  } catch (error) {
    return { variant, state: 'damaged', folder, problem: String(error) };
  }
}
