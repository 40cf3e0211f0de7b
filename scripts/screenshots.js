// `npm run screenshots`: the pictures of the dashboard in docs/images/, from a real service in a folder of its own.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { build } from './build.js';

await build();
const { Server } = await import('../dist/test/e2e/harness.js');
const { startBrowser } = await import('../dist/test/browser.js');

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });

const digits = { dataset: { builtin: 'digits' }, metrics: ['accuracy'] };
const mlp = (...hidden) => ({ preset: 'mlp', hidden });
const one = (name, lr_max, hidden, tags) => ({
  ...digits,
  name,
  tags,
  model: mlp(...hidden),
  policy: { name: 'fit_one_cycle', n_epoch: 30, lr_max },
});

/** What each page must show before its picture is taken. */
const seen = {
  jobs: 'tbody th a',
  job: '.epochs tbody tr',
  finder: '.plot canvas',
  new: 'form',
  compare: '.plot canvas',
  workers: 'h1',
};

const server = await Server.start();
const browser = await startBrowser();
try {
  const runs = [];
  for (const job of [
    one('baseline', 0.001, [64], { team: 'vision' }),
    one('higher rate', 0.01, [64], { team: 'vision' }),
    one('wider', 0.01, [256, 64], { team: 'vision', stage: 'final' }),
  ])
    runs.push(await server.run(job));
  const finder = await server.run({
    ...digits,
    metrics: [],
    name: 'finder',
    model: mlp(64),
    policy: { name: 'lr_find' },
  });
  const live = await server.submit({
    ...digits,
    name: 'fine-tuning, live',
    tags: { team: 'vision' },
    model: mlp(512, 256),
    policy: { name: 'fine_tune', epochs: 400, freeze_epochs: 40, base_lr: 0.002 },
  });
  await server.until('some epochs', async () => (await server.job(live.id)).progress.percent > 25);
  const pages = {
    jobs: '#/jobs',
    job: `#/jobs/${live.id}`,
    finder: `#/jobs/${finder.id}`,
    new: '#/new',
    compare: `#/compare?jobs=${runs.map(({ id }) => id).join(',')}`,
    workers: '#/workers',
  };
  for (const [name, hash] of Object.entries(pages))
    for (const theme of ['light', 'dark']) await picture(name, hash, theme);
} finally {
  await browser.close();
  await server.stop();
}

async function picture(name, hash, theme) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 860 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
  await page.goto(`${server.url}/${hash}`);
  // Pages ask again and again: what is waited for is what there is to see.
  await page.waitForSelector(seen[name]);
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  const png = await page.screenshot();
  await sharp(png).webp({ quality: 80 }).toFile(`${folder}${name}-${theme}.webp`);
  await page.close();
}
