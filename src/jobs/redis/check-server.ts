/** Whether a server is one that jobs can be entrusted to: looked at when a process starts. */
import { OnecycleError } from '../../errors.js';
import type { Client, RedisAddress } from './client.js';
import { infoField } from './info.js';

/** BullMQ and the job log need commands of this version. Valkey says that it is compatible with Redis 7.2. */
const oldest = [6, 2] as const;

/** @throws OnecycleError `redis_unsuitable` where it is too old, or may throw jobs away to save memory */
export async function checkServer(redis: Client, address: RedisAddress): Promise<void> {
  const info = await redis.info();
  const field = (name: string): string | undefined => infoField(info, name);
  const [version, policy] = [field('redis_version') ?? '0', field('maxmemory_policy') ?? 'noeviction'];
  const refuse = (why: string): never => {
    throw new OnecycleError('redis_unsuitable', `The server at ${nameOf(address)} ${why}`);
  };
  if (isOlder(version)) refuse(`is Redis ${version}; ${oldest.join('.')} or newer is needed.`);
  if (policy !== 'noeviction')
    refuse(
      `has maxmemory-policy ${policy}: it would throw jobs away when its memory is full. ` +
        'Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in its configuration file).',
    );
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** An address as a message may have it: without its password. */
export function nameOf(address: RedisAddress): string {
  if (typeof address !== 'string') return address.path;
  if (!URL.canParse(address)) return 'REDIS_URL';
  const url = new URL(address);
  url.password = url.password === '' ? '' : '…';
  return url.href.replace('%E2%80%A6', '…');
}
