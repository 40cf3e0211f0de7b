/** Why a job failed, and how to fix it. */
import type { JobRecord } from '../../../src/client/index.js';
import { ButtonLink } from '../parts/button.js';
import { href } from '../state/route.js';
import { adviceFor } from './advice.js';

/** Nothing where it has not failed. */
export function Failure({ record: { id, error } }: { record: JobRecord }) {
  if (error === null) return null;
  const { code, message, problems = [], attempt, epoch, iteration } = error;
  const advice = adviceFor(code);
  return (
    <section class="problem" aria-label="Why it failed">
      <p>
        <strong>{message}</strong> <code>{code}</code>
      </p>
      {iteration !== undefined && (
        <p class="muted">
          At iteration {iteration}, epoch {epoch}, attempt {attempt}.
        </p>
      )}
      {problems.length > 0 && (
        <ul>
          {problems.map(({ pointer, detail }) => (
            <li key={pointer}>
              <code>{pointer}</code> {detail}
            </li>
          ))}
        </ul>
      )}
      {advice !== undefined && (
        <p>
          <strong>How to fix it:</strong> {advice}
        </p>
      )}
      <ButtonLink href={href(['new'], { from: id })}>New job with this spec</ButtonLink>
    </section>
  );
}
