/** The job as it was posted, to take along. */
import type { JobRecord } from '../../../src/client/index.js';
import { CodeBlock } from '../parts/copy.js';

/** As JSON, and as the command that posts it again. */
export function SpecView({ record: { spec } }: { record: JobRecord }) {
  const json = JSON.stringify(spec, null, 2);
  return (
    <>
      <CodeBlock text={json} what="the spec as JSON" />
      <details>
        <summary>curl</summary>
        <CodeBlock text={curlFor(location.origin, spec)} what="the curl command" />
      </details>
    </>
  );
}

/** A command that posts a job; a quote in it is closed, escaped and opened again, as a shell wants it. */
export const curlFor = (origin: string, spec: unknown): string =>
  `curl -s ${origin}/jobs -H 'content-type: application/json' -d '${JSON.stringify(spec).replaceAll("'", "'\\''")}'`;
