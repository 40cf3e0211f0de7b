/** A job is written: by a form, or as JSON; its schedule is drawn, and what to type instead is shown. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JobRequest } from '../../../src/client/index.js';
import { FormContext } from '../form/context.js';
import { ObjectBody } from '../form/field.js';
import { Problems } from '../form/problems.js';
import type { Json } from '../form/schema.js';
import { at, pointer, type Path } from '../form/value.js';
import { templates } from '../form/templates.js';
import { Button, ButtonLink } from '../parts/button.js';
import { DatasetIdField, TargetField } from '../parts/dataset-fields.js';
import { ProblemMessage } from '../parts/problem.js';
import { SchedulePreview } from '../parts/schedule-preview.js';
import { SpecViews } from '../parts/spec-views.js';
import { apiSchemas, type ApiSchemas } from '../state/api-schemas.js';
import { client } from '../state/client.js';
import { useDraft } from '../state/draft.js';
import { describeProblem } from '../state/problem.js';
import { goTo, href } from '../state/route.js';
import '../styles/data.css';
import '../styles/form.css';

/** What most people set; the rest is folded away. */
const first = ['policy', 'dataset', 'model', 'continue_from', 'batch_size', 'metrics', 'optimizer', 'name'];
const special = { '/dataset/id': DatasetIdField, '/dataset/target': TargetField };

/** The page. */
export function NewJobPage() {
  const { spec, error, change } = useDraft();
  const schemas = useSignal<ApiSchemas | null>(null);
  const failed = useSignal<unknown>(null);
  useEffect(() => {
    apiSchemas().then(
      (found) => (schemas.value = found),
      (cause: unknown) => (failed.value = cause),
    );
  }, []);
  return (
    <>
      <h1>New job</h1>
      <nav class="row templates" aria-label="Templates">
        <span class="muted">Start from:</span>
        {templates.map(({ name, spec }) => (
          <ButtonLink key={name} href={href(['new'], { spec: JSON.stringify(spec) })}>
            {name}
          </ButtonLink>
        ))}
      </nav>
      <ProblemMessage error={error ?? failed.value} />
      {spec !== null && schemas.value !== null && <JobForm spec={spec} schemas={schemas.value} change={change} />}
    </>
  );
}

interface JobFormProps {
  spec: Json;
  schemas: ApiSchemas;
  change: (path: Path, next: Json | undefined) => void;
}

function JobForm({ spec, schemas: { components, job }, change }: JobFormProps) {
  const problem = useSignal<unknown>(null);
  const changed = useSignal<ReadonlySet<string>>(new Set());
  const { errors } = describeProblem(problem.value ?? '');
  const standing = errors.filter((one) => !isChanged(one.pointer, changed.value));
  const post = async (): Promise<void> => {
    problem.value = null;
    changed.value = new Set();
    try {
      // The service checks it, and says of each field what would be right.
      const { id } = await client.jobs.create(spec as JobRequest);
      goTo(['jobs', id]);
    } catch (error) {
      problem.value = error;
    }
  };
  const form = {
    components,
    value: spec,
    change: (path: Path, next: Json | undefined) => {
      changed.value = new Set([...changed.value, pointer(path)]);
      change(path, next);
    },
    errors: new Map(standing.map((one) => [one.pointer, one.detail])),
    special,
  };
  return (
    <FormContext.Provider value={form}>
      <form
        class="job-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void post();
        }}
      >
        <div class="stack fields">
          <ObjectBody schema={job} path={[]} only={(name) => first.includes(name)} />
          <details class="group">
            <summary>More settings</summary>
            <ObjectBody schema={job} path={[]} only={(name) => !first.includes(name)} />
          </details>
        </div>
        <div class="stack beside">
          <div class="card">
            <Button kind="primary" type="submit">
              Start training
            </Button>
            <Problems error={problem.value} standing={standing} />
          </div>
          <SchedulePreview policy={at(spec, ['policy'])} />
          <SpecViews spec={spec} change={(next) => form.change([], next)} />
        </div>
      </form>
    </FormContext.Provider>
  );
}

/** Whether somebody has changed a field, or what it stands in, since it was said to be wrong. */
const isChanged = (wrong: string, changed: ReadonlySet<string>): boolean =>
  [...changed].some((name) => name === wrong || name === '' || wrong.startsWith(`${name}/`));
