/**
 * A trainer: loads the engine, says that it is ready, and runs one attempt after another, each in an engine as clean as
 * the first's; where it can't be, or might not be, it ends. It knows no Redis: `protocol.ts` is all it hears and says.
 * It ends with its worker: the channel closes when that is gone, and training lets the event loop turn often enough to
 * notice.
 */
import { trainerSettings } from '../../src/config.js';
import { loadEngine } from '../../src/engine/index.js';
import { loadOwnCallbacks } from '../../src/request/own-callbacks.js';
import { aliveMs, type FromTrainer, type ToTrainer } from '../protocol.js';
import { processLoad } from '../process-load.js';
import { Control } from './control.js';
import { train } from './run.js';
import { Wear } from './wear.js';

const say = (message: FromTrainer): void => void process.send!(message);
/** Of the attempt that runs. What comes for one that has ended is for nobody. */
let control: Control | null = null;

process.on('disconnect', () => process.exit());
// A signal may go to the whole group; when a trainer ends is its worker's to say.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
process.on('message', (message: ToTrainer) => {
  if (message.type === 'start') void attempt(message);
  else control?.hear(message);
});

// By the loop that trains: native code that hangs keeps it from turning.
const sayAlive = (): void => say({ type: 'alive', load: processLoad() });
setInterval(sayAlive, aliveMs).unref();

const settings = trainerSettings();
const own = await loadOwnCallbacks(settings.callbackModules);
const engine = await loadEngine(settings.engine);
const wear = new Wear(engine, own, settings.jobs);
const { name, version, device } = engine;
say({ type: 'ready', engine: { name, version, device } });

async function attempt(message: Extract<ToTrainer, { type: 'start' }>): Promise<void> {
  control = new Control();
  sayAlive(); // what it dies of from now on may be this attempt's doing
  const ended = await train({ engine, own }, message, control, say);
  control = null;
  const why = wear.after(message.spec, ended);
  if (why === null) say({ type: 'idle' });
  // The last message must be out before the process is.
  else process.send!({ type: 'worn', why } satisfies FromTrainer, () => process.exit(0));
}
