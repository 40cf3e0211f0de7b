/** What went wrong, as the service's problem documents say it. */
import { describeProblem } from '../state/problem.js';

/** An error with the fields that are wrong; nothing where there is none. */
export function ProblemMessage({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null;
  const { detail, code, errors } = describeProblem(error);
  return (
    <div class="problem" role="alert">
      <p>
        {detail} {code !== undefined && <code>{code}</code>}
      </p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ pointer, detail }) => (
            <li key={pointer}>
              <code>{pointer || '/'}</code> {detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
