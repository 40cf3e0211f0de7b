/** How frames are carried: by WebSocket where there is one, else as server-sent events. */
import { eventsOfMany, eventsOfOne } from './frames/events.js';
import { follow, type StreamOptions } from './frames/follow.js';
import { socketOfMany, socketOfOne, webSocket } from './frames/socket.js';
import type { Http } from './http.js';
import type { Frame, JobFrame } from './types.js';

/** How frames are carried. */
export type Transport = 'websocket' | 'events';

/** Streams of one service's jobs. */
export class Streams {
  readonly #http: Http;
  readonly #transport: Transport;

  constructor(http: Http, transport: Transport) {
    this.#http = http;
    this.#transport = transport;
  }

  one(id: string, from: number, options: StreamOptions): AsyncGenerator<Frame> {
    const Class = this.#class();
    const connect = Class ? socketOfOne(this.#http, id, Class) : eventsOfOne(this.#http, id);
    return follow({ ...options, from: [[id, from]], connect, jobOf: () => id });
  }

  many(from: [id: string, seq: number][], options: StreamOptions): AsyncGenerator<JobFrame> {
    const Class = this.#class();
    const connect = Class ? socketOfMany(this.#http, Class) : eventsOfMany(this.#http);
    return follow({ ...options, from, connect, jobOf: ({ job }) => job });
  }

  #class() {
    return this.#transport === 'websocket' ? webSocket() : undefined;
  }
}
