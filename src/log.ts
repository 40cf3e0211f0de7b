import { pino, type Logger } from 'pino';

/** A process's log on stdout: readable lines on a terminal, JSON lines elsewhere. `base` stands in every line. */
export async function createLog(level: string, base: Record<string, unknown> = {}): Promise<Logger> {
  if (!process.stdout.isTTY) return pino({ level, base });
  const { default: pretty } = await import('pino-pretty');
  return pino({ level, base }, pretty({ colorize: true, translateTime: 'HH:MM:ss', singleLine: true, sync: true }));
}
