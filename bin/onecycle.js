#!/usr/bin/env node
// In a checkout the sources are compiled first (milliseconds when nothing changed); a published package and an image
// ship dist/ alone.
import { existsSync } from 'node:fs';

const builder = new URL('../scripts/build.js', import.meta.url);
if (existsSync(builder)) {
  const { build } = await import(builder.href);
  await build();
}
await import('../dist/src/cli/main.js');
