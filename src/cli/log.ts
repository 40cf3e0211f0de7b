import { pino, type Logger } from 'pino';
import type { Config } from '../config.js';

/** The service's own log on stdout: readable lines on a terminal, JSON lines elsewhere. */
export async function createLog({ logLevel }: Pick<Config, 'logLevel'>): Promise<Logger> {
  if (!process.stdout.isTTY) return pino({ level: logLevel });
  const { default: pretty } = await import('pino-pretty');
  return pino({ level: logLevel }, pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l', sync: true }));
}
