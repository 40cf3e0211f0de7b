/** The API as any client sees it: HTTP, and a job's frames from the WebSocket. */
import { on } from 'node:events';
import { WebSocket } from 'ws';
import type { JobRecord } from '../jobs/record.js';
import type { Frame } from '../jobs/frames.js';

/** What the client reads of a problem document. */
interface Problem {
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

/** A client of one service. */
export class Client {
  /** `url`: the service's address, `http://127.0.0.1:3000`. */
  constructor(readonly url: string) {}

  /** Posts a job. @throws Error with what the problem document says */
  submit(spec: unknown): Promise<JobRecord> {
    return this.request('/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec),
    });
  }

  /** Reads what is at a path. @throws Error with what the problem document says */
  get<T>(path: string): Promise<T> {
    return this.request<T>(path);
  }

  /** A job's frames from the first one on, until the server has sent the last. */
  async *frames(id: string): AsyncGenerator<Frame> {
    const socket = new WebSocket(`${this.url.replace(/^http/, 'ws')}/jobs/${id}/stream?from=0`);
    for await (const [data] of on(socket, 'message', { close: ['close'] }) as AsyncIterable<[Buffer]>) {
      yield JSON.parse(data.toString('utf8')) as Frame;
    }
  }

  /** @throws Error with what the problem document says. */
  private async request<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await fetch(this.url + path, init);
    const body = (await response.json()) as T & Problem;
    if (response.ok) return body;
    const fields = (body.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
    throw new Error(
      [`${path} answered ${response.status}: ${body.detail ?? response.statusText}`, ...fields].join('\n  '),
    );
  }
}
