/** What never becomes a request: bytes that are not HTTP, headers without an end, bodies that drip. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorCodes, OnecycleError, type ErrorCode } from '../errors.js';
import { problemOf } from './plugins/problems.js';

const codes: Record<string, { code: ErrorCode; detail: string }> = {
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', detail: 'The request took too long to come in: send it again.' },
  HPE_HEADER_OVERFLOW: {
    code: 'headers_too_large',
    detail: 'The headers, the address among them, are larger than 16 KiB.',
  },
};

/** Ends a connection with a problem that says why; nothing is said to a client that is gone, or half answered. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const { code, detail } = codes[error.code ?? ''] ?? {
    code: 'malformed_request',
    detail: `This is not HTTP: ${error.message}.`,
  };
  if (socket.writable) socket.write(answer(code, detail));
  socket.destroy();
}

/** The error for a body that drips, as Node's own for headers that do. */
export const tooSlow = (): Error & { code: string } =>
  Object.assign(new Error('The body came too slowly'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

function answer(code: ErrorCode, detail: string): string {
  const { status } = errorCodes[code];
  // Its address is not known where the headers are not.
  const body = JSON.stringify({ ...problemOf(new OnecycleError(code, detail), { url: '' }), instance: undefined });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
