/** All that is wrong with what was sent, each with the way to its field. */
import { describeProblem } from '../state/problem.js';
import { fieldId } from './context.js';

interface ProblemsProps {
  error: unknown;
  /** Those that nobody has done anything about yet. */
  standing: readonly { pointer: string; detail: string }[];
}

/** The list; nothing where nothing is wrong. */
export function Problems({ error, standing }: ProblemsProps) {
  if (error === null) return null;
  const { detail, errors } = describeProblem(error);
  if (errors.length > 0 && standing.length === 0) return null;
  return (
    <div class="problem" role="alert">
      <p>{errors.length === 0 ? detail : 'The job is not valid:'}</p>
      <ul>
        {standing.map((one) => (
          <li key={one.pointer}>
            <button type="button" class="button quiet" onClick={() => show(one.pointer)}>
              <code>{one.pointer || '/'}</code>
            </button>{' '}
            {one.detail}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Moves to the field, or to the nearest that it stands in. */
function show(pointer: string): void {
  for (let name = pointer; name !== ''; name = name.slice(0, name.lastIndexOf('/'))) {
    const field = document.getElementById(fieldId(name));
    if (field === null) continue;
    for (let folded = field.closest('details'); folded; folded = folded.parentElement?.closest('details') ?? null)
      folded.open = true;
    field.scrollIntoView({ block: 'center' });
    field.focus();
    return;
  }
}
