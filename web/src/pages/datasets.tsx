/** Data sets that were uploaded: all of them, and one. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Dataset } from '../../../src/client/index.js';
import { Button, ButtonLink } from '../parts/button.js';
import { CopyButton } from '../parts/copy.js';
import { ClassList, ColumnTable, DataSummary, FirstRows } from '../parts/data-preview.js';
import { confirm } from '../parts/dialog.js';
import { Heads } from '../parts/heads.js';
import { ProblemMessage } from '../parts/problem.js';
import { Upload } from '../parts/upload.js';
import { client } from '../state/client.js';
import { ago, bytes } from '../state/format.js';
import { goTo, href, route } from '../state/route.js';
import { toast, toastError } from '../state/toasts.js';
import '../styles/data.css';

/** The list at `#/data`, a data set at `#/data/ID`. */
export function DatasetsPage() {
  const id = route.value.path.at(1);
  return id === undefined ? <AllData /> : <OneDataset id={id} />;
}

const pageSize = 50;

function AllData() {
  const all = useSignal<readonly Dataset[] | null>(null);
  const more = useSignal(false);
  const error = useSignal<unknown>(null);
  const load = async (): Promise<void> => {
    try {
      const after = all.value?.at(-1)?.id;
      const page = await client.datasets.list({ limit: pageSize, ...(after !== undefined && { after }) });
      all.value = [...(all.value ?? []), ...page.data];
      more.value = page.has_more;
      error.value = null;
    } catch (cause) {
      error.value = cause;
    }
  };
  useEffect(() => void load(), []);
  return (
    <div class="stack">
      <h1>Data</h1>
      <Upload onDone={({ id }) => goTo(['data', id])} />
      <ProblemMessage error={error.value} />
      {all.value?.length === 0 && <p>Nothing has been uploaded yet.</p>}
      {all.value !== null && all.value.length > 0 && <DataTable all={all.value} />}
      {more.value && <Button onClick={load}>Show more</Button>}
    </div>
  );
}

function DataTable({ all }: { all: readonly Dataset[] }) {
  return (
    <table class="table cards">
      <Heads names={['Name', 'Kind', 'Rows', 'Size', 'Uploaded', 'ID']} />
      <tbody>
        {all.map((data) => (
          <tr key={data.id}>
            <td data-label="Name">
              <a href={href(['data', data.id])}>{data.name}</a>
            </td>
            <td data-label="Kind">{data.kind}</td>
            <td data-label="Rows">{data.rows.toLocaleString('en')}</td>
            <td data-label="Size">{bytes(data.bytes)}</td>
            <td data-label="Uploaded">{ago(data.created_at)}</td>
            <td data-label="ID">
              <code>{data.id}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OneDataset({ id }: { id: string }) {
  const data = useSignal<Dataset | null>(null);
  const error = useSignal<unknown>(null);
  useEffect(() => {
    client.datasets.get(id).then(
      (found) => (data.value = found),
      (cause: unknown) => (error.value = cause),
    );
  }, [id]);
  const found = data.value;
  return (
    <div class="stack">
      <h1>{found?.name ?? 'Data set'}</h1>
      <ProblemMessage error={error.value} />
      {found && <Details data={found} />}
    </div>
  );
}

function Details({ data }: { data: Dataset }) {
  const { id, name, columns, classes, notes } = data;
  const remove = async (): Promise<void> => {
    const text = 'The file is deleted permanently; models trained on it are kept.';
    if (!(await confirm({ title: `Delete ${name}?`, text, action: 'Delete' }))) return;
    try {
      await client.datasets.delete(id);
      toast(`Deleted ${name}`);
      goTo(['data']);
    } catch (error) {
      toastError(error, 'Could not delete the data set');
    }
  };
  return (
    <>
      <DataSummary data={data} />
      <div class="row">
        <ButtonLink kind="primary" href={href(['new'], { dataset: id })}>
          Train a model
        </ButtonLink>
        <code>{id}</code>
        <CopyButton text={id} what="the id" />
        <Button kind="danger" onClick={remove}>
          Delete
        </Button>
      </div>
      {notes.length > 0 && (
        <ul aria-label="Notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {columns && <ColumnTable columns={columns} />}
      {classes && classes.length > 0 && <ClassList classes={classes} />}
      <h2>First rows</h2>
      <FirstRows data={data} limit={20} />
    </>
  );
}
