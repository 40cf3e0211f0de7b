/** What the model says: classes with their probabilities, the most probable first, or values. */
import type { Predictions } from '../../../src/client/index.js';
import { number, percent } from '../state/format.js';
import '../styles/gauges.css';

const mostClasses = 10;

/** The answer for the first row. */
export function Answer({ predictions }: { predictions: Predictions }) {
  const [first] = predictions.data;
  if (!('probabilities' in first))
    return (
      <dl class="usage">
        {first.values.map((value, i) => (
          <div key={i}>
            <dt>{predictions.targets?.[i] ?? 'value'}</dt>
            <dd>{number(value)}</dd>
          </div>
        ))}
      </dl>
    );
  const ranked = first.probabilities
    .map((probability, i) => ({ name: predictions.classes?.[i] ?? String(i), probability }))
    .sort((a, b) => b.probability - a.probability);
  return (
    <>
      <p>
        Prediction: <strong class="prediction">{first.class}</strong>
      </p>
      <dl class="usage">
        {ranked.slice(0, mostClasses).map(({ name, probability }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <meter min={0} max={1} value={probability} aria-label={`${name}: ${percent(probability * 100)}`} />{' '}
              <span>{percent(probability * 100)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
