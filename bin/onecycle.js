#!/usr/bin/env node
// In a checkout the sources are compiled first (milliseconds when nothing changed); a published package ships dist/ alone.
import { existsSync } from 'node:fs';

if (existsSync(new URL('../src', import.meta.url))) {
  const { build } = await import('../scripts/build.js');
  await build();
}
await import('../dist/src/cli/main.js');
