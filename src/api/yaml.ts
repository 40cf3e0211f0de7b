import { stringify } from 'yaml';
import type { OpenApiDocument } from './plugins/openapi.js';

/** The text of openapi.yaml. */
export const toYaml = (document: OpenApiDocument): string =>
  stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 });
