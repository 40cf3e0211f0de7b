/** Where pip would fetch packages from, and whom it trusts: its environment variables and its configuration files. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readPythonIni, type Sections } from './python-ini.js';

/** What of pip's settings concerns a download. */
export interface PipSettings {
  /** Indexes to ask, in this order, as users wrote them: credentials may stand in them. */
  indexes: string[];
  /** A file of certificates to trust in place of the system's; null where none is named. */
  cert: string | null;
}

/** pip's own default: the Python Package Index. */
const standardIndex = 'https://pypi.org/simple';

/** The commands whose sections hold for a download, later ones over earlier ones. */
const sections = ['global', 'download'];

type Options = Partial<Record<string, string>>;

/**
 * Reads pip's settings as pip does: its files in their order (system, user, virtual environment, PIP_CONFIG_FILE), of
 * each the sections [global] and then [download], and over all of them the environment. Source: pip's documentation,
 * "Configuration".
 */
export function pipSettings(env: NodeJS.ProcessEnv = process.env): PipSettings {
  const files = configurationFiles(env).map(readSections);
  const options: Options = Object.assign(
    {},
    ...sections.flatMap((section) => files.map((file) => optionsOf(file[section] ?? {}))),
    fromEnvironment(env),
  ) as Options;
  const extra = (options['extra-index-url'] ?? '').split(/\s+/).filter(Boolean);
  return { indexes: [options['index-url'] ?? standardIndex, ...extra], cert: options.cert ?? null };
}

/**
 * The files that pip reads, whether they exist or not. PIP_CONFIG_FILE takes the place of the user's where it exists;
 * `/dev/null` there turns all of them off.
 */
function configurationFiles(env: NodeJS.ProcessEnv): string[] {
  const { PIP_CONFIG_FILE: own, VIRTUAL_ENV: environment } = env;
  if (own === '/dev/null') return [];
  const home = env.HOME || homedir();
  const config = env.XDG_CONFIG_HOME || join(home, '.config');
  const system = (env.XDG_CONFIG_DIRS || '/etc/xdg').split(':').filter(Boolean).reverse();
  const mac = process.platform === 'darwin';
  const user = [
    join(home, '.pip', 'pip.conf'),
    ...(mac ? [join(home, 'Library', 'Application Support', 'pip', 'pip.conf')] : []),
    join(config, 'pip', 'pip.conf'),
  ];
  return [
    ...(mac ? ['/Library/Application Support/pip/pip.conf'] : []),
    ...system.map((folder) => join(folder, 'pip', 'pip.conf')),
    '/etc/pip.conf',
    ...(own && existsSync(own) ? [] : user),
    ...(environment ? [join(environment, 'pip.conf')] : []),
    ...(own ? [own] : []),
  ];
}

function readSections(path: string): Sections {
  try {
    return readPythonIni(readFileSync(path, 'utf8'));
  } catch {
    return {}; // most of them do not exist
  }
}

/** An option that is empty counts as unset. */
const optionsOf = (values: Options): Options =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value?.trim()));

/** `PIP_INDEX_URL` is the option `index-url`. */
const fromEnvironment = (env: NodeJS.ProcessEnv): Options =>
  optionsOf({ 'index-url': env.PIP_INDEX_URL, 'extra-index-url': env.PIP_EXTRA_INDEX_URL, cert: env.PIP_CERT });
