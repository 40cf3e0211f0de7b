/** A real Chromium, for what must work in a browser: the one that npm has, else one that is installed. */
import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import { launch, type Browser } from 'puppeteer-core';

const installed = [
  '/usr/bin/google-chrome',
  '/usr/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** npm's build is for Linux on x64 alone. It unpacks itself to one fixed place: start one at a time. */
export async function startBrowser(): Promise<Browser> {
  if (process.platform === 'linux' && process.arch === 'x64')
    return launch({ args: chromium.args, executablePath: await chromium.executablePath(), headless: 'shell' });
  const executablePath = installed.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error(`No browser is installed: none of ${installed.join(', ')}`);
  return launch({ executablePath, headless: true });
}
