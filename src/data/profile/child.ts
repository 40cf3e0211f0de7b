/** The process that looks into uploaded files: whatever a file does to it, it does to nothing else. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnecycleError } from '../../errors.js';
import type { FromProfiler, Profiled, ToProfiler } from './protocol.js';
import { profileFile } from './profile.js';

const say = (message: FromProfiler): void => void process.send!(message);

process.on('disconnect', () => process.exit());
// A signal may go to the whole group; when this process ends is the API's to say.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
process.on('message', (message: ToProfiler) => {
  say({ type: 'begun' }); // what it dies of from now on may be the file's doing
  void look(message).then(say, (error: unknown) => say(failure(error)));
});

async function look({ file, csv, out }: ToProfiler): Promise<Profiled> {
  const { profile, listing } = await profileFile(file, csv);
  const thumbnails = listing ? await (await import('./thumbnails.js')).makeThumbnails(file, profile, out) : [];
  await writeFile(join(out, 'profile.json'), JSON.stringify(profile));
  if (listing) await writeFile(join(out, 'listing.json'), JSON.stringify(listing));
  return { type: 'done', listing: listing !== null, thumbnails };
}

function failure(error: unknown): Profiled {
  if (error instanceof OnecycleError)
    return { type: 'failed', code: error.code, message: error.message, problems: [...error.problems] };
  return { type: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
