/** Where Redis is: one server, a set of servers that Sentinels watch, or a cluster. */

/** A URL, or the unix socket of the embedded server. */
export type RedisAddress = string | { path: string };

/** A server's host and port. */
interface Place {
  host: string;
  port: number;
}

/** What a URL of several servers says. */
export interface SeveralServers {
  kind: 'sentinel' | 'cluster';
  tls: boolean;
  /** Sentinels, or some nodes of the cluster. */
  places: Place[];
  username: string | undefined;
  password: string | undefined;
  /** What the Sentinels call the servers that they watch. */
  name: string;
  db: number;
}

const ports = { sentinel: 26379, cluster: 6379 } as const;

/**
 * Reads `redis+sentinel://user:password@host:26379,host/name/db` and `redis+cluster://user:password@host:6379,host`,
 * with `rediss` for TLS; null for a URL of one server, which ioredis reads. The configuration has checked it.
 */
export function severalServers(url: string): SeveralServers | null {
  const match = /^redis(s?)\+(sentinel|cluster):\/\/(?:([^@]*)@)?([^/]+)(?:\/([^/]*))?(?:\/(\d+))?\/?$/.exec(url);
  if (!match) return null;
  const [, tls, , user = '', hosts, name = '', db = '0'] = match;
  const kind = match[2] === 'sentinel' ? 'sentinel' : 'cluster';
  const [username, ...password] = user.split(':').map(decodeURIComponent);
  return {
    kind,
    tls: tls === 's',
    places: hosts.split(',').map((host) => placeOf(host, ports[kind])),
    username: username || undefined,
    password: password.join(':') || undefined,
    name: decodeURIComponent(name),
    db: Number(db),
  };
}

/** `host`, `host:port`, `[address]` or `[address]:port`. */
function placeOf(text: string, otherwise: number): Place {
  const match = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? text;
  return { host, port: Number(match?.[3] ?? otherwise) };
}
