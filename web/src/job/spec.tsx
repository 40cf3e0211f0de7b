/** The spec of a job, to take along. */
import { useSignal } from '@preact/signals';
import type { JobRecord } from '../../../src/client/index.js';
import { curl } from '../form/samples.js';
import type { Json } from '../form/schema.js';
import { CodeBlock } from '../parts/copy.js';
import { ProblemMessage } from '../parts/problem.js';
import { requestFrom } from '../state/draft.js';

/** As JSON with all that the service added, and as the command that posts the job again. */
export function SpecView({ record: { id, spec } }: { record: JobRecord }) {
  const request = useSignal<Json | null>(null);
  const error = useSignal<unknown>(null);
  const read = async (): Promise<void> => {
    try {
      request.value = await requestFrom(id);
      error.value = null;
    } catch (cause) {
      error.value = cause;
    }
  };
  return (
    <>
      <CodeBlock text={JSON.stringify(spec, null, 2)} what="the spec as JSON" />
      <details onToggle={({ currentTarget: { open } }) => open && void read()}>
        <summary>curl</summary>
        <ProblemMessage error={error.value} />
        {request.value !== null && <CodeBlock text={curl(request.value, location.origin)} what="the curl command" />}
      </details>
    </>
  );
}
