/** The pages of docs/ that the schemas make, wholly or in part. */
import { readFile } from 'node:fs/promises';
import { variables } from '../../config.js';
import { code, typeText } from './json-schema.js';
import { fillIn, table } from './markdown.js';
import { referencePage } from './reference.js';

const docs = new URL('../../../../docs/', import.meta.url);

/** Each page's file with the text that it should have. */
export async function docsPages(): Promise<{ file: URL; text: string }[]> {
  const configuration = new URL('configuration.md', docs);
  return [
    { file: new URL('reference.md', docs), text: referencePage() },
    { file: configuration, text: fillIn(await readFile(configuration, 'utf8'), 'variables', variablesTable()) },
  ];
}

const variablesTable = (): string =>
  table(
    ['Variable', 'Value', 'Default', 'What it sets'],
    Object.entries(variables).map(([name, schema]) => [
      code(name),
      typeText(schema),
      'default' in schema ? code(schema.default) : '',
      schema.description ?? '',
    ]),
  );
