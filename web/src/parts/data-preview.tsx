/** What is in an uploaded data set: columns, classes, the first rows. */
import type { Dataset } from '../../../src/client/index.js';
import { bytes, number } from '../state/format.js';
import { own } from '../state/own.js';
import { ApiImage } from './api-image.js';
import { Heads } from './heads.js';

type Column = NonNullable<Dataset['columns']>[number];

/** In one line: rows, kind and size. */
export function DataSummary({ data }: { data: Dataset }) {
  const what = { table: 'rows', images: 'pictures', arrays: 'rows' }[data.kind];
  const shape = data.x_shape && `, each ${data.x_shape.join(' × ') || 'one number'}`;
  return (
    <p>
      {data.rows.toLocaleString('en')} {what}
      {shape}, {data.format}, {bytes(data.bytes)}
    </p>
  );
}

const columnNumbers = ['Missing', 'Unique', 'Min', 'Mean', 'Median', 'Max'];

/** The columns of a table. */
export function ColumnTable({ columns }: { columns: readonly Column[] }) {
  return (
    <div class="scroll" role="region" aria-label="Columns" tabIndex={0}>
      <table class="table">
        <Heads names={['Column', 'Type', ...columnNumbers, 'Values']} numbers={columnNumbers} />
        <tbody>
          {columns.map((column) => (
            <ColumnRow key={column.name} column={column} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ColumnRow({ column }: { column: Column }) {
  const { name, type, missing, unique, approximate, integer, values } = column;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{integer === true ? 'whole number' : type}</td>
      <td class="number">{missing}</td>
      <td class="number">
        {approximate === true && 'about '}
        {unique}
      </td>
      {[column.min, column.mean, column.median, column.max].map((value, i) => (
        <td key={i} class="number">
          {typeof value === 'number' ? number(value) : value}
        </td>
      ))}
      <td>{values && clipped(values.join(', '))}</td>
    </tr>
  );
}

const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/** The classes, with how many rows each has. */
export function ClassList({ classes }: { classes: NonNullable<Dataset['classes']> }) {
  const most = Math.max(1, ...classes.map(({ rows }) => rows));
  return (
    <table class="table narrow">
      <Heads names={['Class', 'Rows', 'Share']} numbers={['Rows']} />
      <tbody>
        {classes.map(({ name, rows }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{rows}</td>
            <td>
              <meter min={0} max={most} value={rows} aria-label={`${name}: ${rows} rows`} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The first rows; of pictures, small ones. */
export function FirstRows({ data, limit = 10 }: { data: Dataset; limit?: number }) {
  const rows = data.preview.slice(0, limit);
  if (data.kind === 'images') return <Thumbnails data={data} count={rows.length} />;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <div class="scroll" role="region" aria-label="First rows" tabIndex={0}>
      <table class="table">
        <Heads names={names} />
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {names.map((name) => (
                <td key={name}>{text(own(row, name))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  return clipped(typeof value === 'string' ? value : JSON.stringify(value));
}

function Thumbnails({ data, count }: { data: Dataset; count: number }) {
  return (
    <ul class="thumbnails">
      {Array.from({ length: count }, (_, n) => (
        <li key={n}>
          <ApiImage
            path={`/datasets/${encodeURIComponent(data.id)}/thumbnails/${n}`}
            alt={text(data.preview[n].file)}
          />
          <span>{text(data.preview[n].file)}</span>
        </li>
      ))}
    </ul>
  );
}
