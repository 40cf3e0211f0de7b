import { pino, type Logger, type LoggerOptions } from 'pino';
import { tracing } from './telemetry/tracing.js';

/** Where libraries keep secrets in what they have logged. */
const secretFields = ['authorization', 'cookie', 'password', 'secretAccessKey', 'sessionToken'];
/** Secrets in the midst of texts, and what is left of them. */
const secretTexts: readonly (readonly [RegExp, string])[] = [
  [/\boc_([0-9A-Za-z]{8})[0-9A-Za-z]{8,}/g, 'oc_$1…'],
  [/\bwhsec_[0-9A-Za-z+/=]+/g, 'whsec_…'],
  [/\b(Bearer|Basic) [^\s"\\,]+/gi, '$1 …'],
  [/([?&](?:ticket|token|X-Amz-[A-Za-z]+)=)[^&\s"\\]+/g, '$1…'],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]*@/gi, '$1…@'],
  [/\b(requirepass|masterauth|AUTH) [^\s"\\]+/g, '$1 …'],
];

/** A line of a log without the secrets that may have got into it: keys, tickets, passwords in addresses. */
export const withoutSecrets = (line: string): string =>
  secretTexts.reduce((text, [secret, rest]) => text.replace(secret, rest), line);

const options = (level: string, base: Record<string, unknown>): LoggerOptions => ({
  level,
  base,
  redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '…' },
  mixin: () => tracing().ids(),
  hooks: { streamWrite: withoutSecrets },
});

/** A process's log on stdout: readable lines on a terminal, JSON lines elsewhere. `base` stands in every line. */
export async function createLog(level: string, base: Record<string, unknown> = {}): Promise<Logger> {
  if (!process.stdout.isTTY) return pino(options(level, base));
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options(level, base),
    pretty({ colorize: true, translateTime: 'HH:MM:ss', singleLine: true, sync: true }),
  );
}
