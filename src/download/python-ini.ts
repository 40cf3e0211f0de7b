/** Values by section and by name; names are in lower case with dashes. */
export type Sections = Partial<Record<string, Partial<Record<string, string>>>>;

/**
 * Reads Python's dialect of INI files, as its `RawConfigParser` does. (npm's parsers know neither a value that goes on
 * in the lines below, which is how pip's documentation writes several indexes, nor `:` for `=`, and cut values at `#`.)
 * Lines that are nothing of this are passed over.
 */
export function readPythonIni(text: string): Sections {
  const sections: Sections = {};
  let section: Partial<Record<string, string>> | undefined;
  let name: string | undefined;
  let indent = 0;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;].*)?$/.test(line)) continue;
    const depth = line.search(/\S/);
    if (section !== undefined && name !== undefined && depth > indent) {
      section[name] = `${section[name] ?? ''}\n${line.trim()}`.trim();
      continue;
    }
    indent = depth;
    const header = /^\[(.+)\]/.exec(line.trim())?.[1];
    if (header !== undefined) {
      section = sections[header] ??= {};
      name = undefined;
      continue;
    }
    const [, key, value] = /^(.*?)\s*[=:]\s*(.*)$/.exec(line.trim()) ?? ['', '', ''];
    name = key.toLowerCase().replaceAll('_', '-');
    if (section !== undefined && name !== '') section[name] = value;
  }
  return sections;
}
