/** The server that the API listens with: HTTP or HTTPS, with an end to how long and how many connections may be. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyServerFactory } from 'fastify';
import type { EdgeSettings, TlsFiles } from '../config.js';
import { OnecycleError } from '../errors.js';
import { isLoopback } from './plugins/access.js';

/** Bodies have a time limit of their own, by their rate (plugins/pace.ts): large files may come on slow lines. */
const times = {
  /** For all headers of a request; also how long a connection may say nothing at first. */
  headersTimeout: 30_000,
  requestTimeout: 0,
  /** Longer than balancers keep an idle connection, so that they close it and not the API while a request is coming. */
  keepAliveTimeout: 72_000,
  connectionsCheckingInterval: 5000,
};
/** How often a certificate's files are looked at. */
const certificateMs = 1000;

/** What the API listens with. */
export interface Listener {
  /** Makes the server; Fastify asks for one per address. */
  serverFactory: FastifyServerFactory;
  /** Ends what is open, whatever it is at: also a WebSocket, and a connection that has never said a word. */
  endConnections: () => void;
}

/** @throws OnecycleError `invalid_configuration`, from the factory, where a certificate cannot be read */
export function listener(
  { tls, maxConnections, maxConnectionsPerAddress, trustProxy }: EdgeSettings,
  log: FastifyBaseLogger,
): Listener {
  const open = new Set<Socket>();
  const admit = admission(maxConnectionsPerAddress, trustProxy.length > 0, log);
  const serverFactory: FastifyServerFactory = (handler) => {
    const server = tls ? secureServer(tls, log, handler) : http.createServer(times, handler);
    server.maxConnections = maxConnections;
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      admit(socket);
    });
    return server;
  };
  return { serverFactory, endConnections: () => open.forEach((socket) => socket.destroy()) };
}

/**
 * Counts the connections of each address and ends those beyond the limit. This machine's own are not counted, and none
 * are behind a proxy, whose connections are everybody's.
 */
function admission(limit: number, behindProxy: boolean, log: FastifyBaseLogger): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const { remoteAddress: address } = socket;
    if (behindProxy || address === undefined || isLoopback(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > limit) {
      log.warn(
        { address, limit },
        'a connection was refused: this address has too many (ONECYCLE_MAX_CONNECTIONS_PER_ADDRESS)',
      );
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  };
}

/** A server with a certificate, which it reads again when the file changes. */
function secureServer(files: TlsFiles, log: FastifyBaseLogger, handler: http.RequestListener): https.Server {
  const server = https.createServer({ ...times, ...readCertificate(files) }, handler);
  const reload = (): void => {
    try {
      server.setSecureContext(readCertificate(files));
      log.info('the TLS certificate was read again');
    } catch (error) {
      // Half a renewal: the old one goes on, and the files will change once more.
      log.warn({ err: error }, 'the new TLS certificate cannot be used; the old one still is');
    }
  };
  const watched = [files.cert, files.key];
  for (const file of watched) watchFile(file, { interval: certificateMs, persistent: false }, reload);
  server.once('close', () => {
    for (const file of watched) unwatchFile(file, reload);
  });
  return server;
}

/** @throws OnecycleError `invalid_configuration` where a file cannot be read */
function readCertificate(files: TlsFiles): { cert: Buffer; key: Buffer } {
  const read = (file: string, name: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      const detail = `${name}=${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new OnecycleError('invalid_configuration', detail, [{ pointer: `/${name}`, detail }], { cause });
    }
  };
  return { cert: read(files.cert, 'ONECYCLE_TLS_CERT'), key: read(files.key, 'ONECYCLE_TLS_KEY') };
}
