/** The job that is being written as JSON, which can be edited, as a command and as a program. */
import { useSignal } from '@preact/signals';
import { JsonControl } from '../form/controls.js';
import { curl, typescript } from '../form/samples.js';
import type { Json } from '../form/schema.js';
import { Button } from './button.js';
import { CodeBlock } from './copy.js';

const views = ['JSON', 'curl', 'TypeScript'] as const;

/** One of the three at a time. */
export function SpecViews({ spec, change }: { spec: Json; change: (next: Json) => void }) {
  const view = useSignal<(typeof views)[number]>('JSON');
  return (
    <section class="card" aria-labelledby="spec-heading">
      <div class="row spread">
        <h2 id="spec-heading">Request</h2>
        <span class="row" role="group" aria-label="Show as">
          {views.map((name) => (
            <Button key={name} pressed={view.value === name} onClick={() => (view.value = name)}>
              {name}
            </Button>
          ))}
        </span>
      </div>
      {view.value === 'JSON' && (
        <JsonControl
          value={spec}
          change={(next) => change(next ?? {})}
          tied={{ id: 'spec-json', label: 'The job as JSON', invalid: false }}
          rows={20}
        />
      )}
      {view.value === 'curl' && <CodeBlock text={curl(spec, location.origin)} what="the curl command" />}
      {view.value === 'TypeScript' && (
        <CodeBlock text={typescript(spec, location.origin)} what="the TypeScript program" />
      )}
    </section>
  );
}
