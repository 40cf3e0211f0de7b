import { stringify } from 'yaml';

/** The text of openapi.yaml, or asyncapi.yaml. */
export const toYaml = (document: object): string =>
  stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 });
