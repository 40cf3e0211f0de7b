/** A real Chromium, for what must work in a browser: the one that npm has, else one that is installed. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { lock } from 'proper-lockfile';
import { launch, type Browser } from 'puppeteer-core';

const installed = [
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** An emulated graphics card, which that build asks for, takes seconds for a chart that the processor draws at once. */
const args = [...chromium.args, '--disable-accelerated-2d-canvas'];

/** npm's build is for Linux on x64 alone. */
export async function startBrowser(): Promise<Browser> {
  if (process.platform === 'linux' && process.arch === 'x64')
    return launch({ args, executablePath: await unpacked(), headless: 'shell' });
  const executablePath = installed.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`No browser is installed: none of ${installed.join(', ')}`);
  return launch({ executablePath, headless: true });
}

/** It unpacks itself to one fixed place: whoever comes while another does waits, and does not start half of it. */
async function unpacked(): Promise<string> {
  const release = await lock(tmpdir(), {
    lockfilePath: join(tmpdir(), 'onecycle-chromium.lock'),
    retries: { retries: 300, factor: 1, minTimeout: 200 },
  });
  try {
    return await chromium.executablePath();
  } finally {
    await release();
  }
}
