/**
 * A predictor: loads the engine, and computes what trained models answer, until its worker is gone. It knows no Redis:
 * `protocol.ts` is all it hears and says.
 */
import { engineSettings } from '../../src/config.js';
import { loadEngine } from '../../src/engine/index.js';
import { aliveMs, type FromPredictor, type ToPredictor } from '../protocol.js';
import { processLoad } from '../process-load.js';
import { evaluate } from './evaluate.js';
import { Models } from './models.js';
import { predict } from './predict.js';
import { predictionError } from './prediction-error.js';

const say = (message: FromPredictor): void => {
  if (process.connected) process.send!(message);
};

process.on('disconnect', () => process.exit());
// A signal may go to the whole group; when a predictor ends is its worker's to say.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

setInterval(() => say({ type: 'alive', load: processLoad() }), aliveMs).unref();

const engine = await loadEngine(engineSettings());
const models = new Models(engine);
process.on('message', (message: ToPredictor) => void answer(message));
say({ type: 'ready' });

async function answer(message: ToPredictor): Promise<void> {
  const { id } = message;
  try {
    const json = await models.use(message.model, (model) =>
      message.type === 'predict' ? predict(model, message) : evaluate(engine, model, message),
    );
    say({ type: 'done', id, outcome: { type: 'answer', json } });
  } catch (error) {
    say({ type: 'done', id, outcome: { type: 'failed', error: predictionError(error) } });
  }
}
