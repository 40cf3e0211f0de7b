import { stringify } from 'yaml';
import type { OpenApiDocument } from './plugins/openapi.js';

export const toYaml = (document: OpenApiDocument): string =>
  stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 });
