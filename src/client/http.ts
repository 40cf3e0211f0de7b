/** Requests to one service: its address, its key, what is tried again, and errors in one type. */
import createClient, { type Client } from 'openapi-fetch';
import { refusal, unreachable } from './errors.js';
import { retrying, type Fetch } from './retry.js';
import type { paths } from './schema.js';

/** Where the service is, and who asks. */
export interface HttpOptions {
  /** The service's address. Default: `ONECYCLE_URL`, else `http://127.0.0.1:3000`; in a browser the page's own origin. */
  url?: string;
  /** A key of the service, `oc_…`. Default: `ONECYCLE_API_KEY`. */
  apiKey?: string;
  /** What sends requests, in place of the global `fetch`. */
  fetch?: Fetch;
}

/** What `fetch` takes; a body that is a stream goes one way at a time. */
type Init = RequestInit & { duplex?: 'half' };

/** What a request of openapi-fetch comes to. */
interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Sends requests to one service. */
export class Http {
  /** The service's address, without a slash at its end. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** Every route of the API, typed by openapi.yaml; see the documentation of openapi-fetch. */
  readonly api: Client<paths>;
  readonly #fetch: Fetch;

  constructor({ url = defaultUrl(), apiKey = environment('ONECYCLE_API_KEY'), fetch }: HttpOptions) {
    this.url = url.replace(/\/+$/, '');
    this.apiKey = apiKey;
    const send = retrying(fetch ?? ((request) => globalThis.fetch(request)));
    this.#fetch = async (request) => {
      try {
        return await send(request);
      } catch (error) {
        if (request.signal.aborted) throw error;
        throw unreachable(request.url, error);
      }
    };
    this.api = createClient<paths>({ baseUrl: this.url, fetch: this.#fetch, headers: this.authorization });
  }

  /** The header that says who asks. */
  get authorization(): Record<string, string> {
    return this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` };
  }

  /** What a request answers. @throws OnecycleError where the server refuses it or cannot be reached */
  async take<T>(request: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await request;
    if (!response.ok) throw refusal(response, error);
    // An answer without a body has the type undefined.
    return data as T;
  }

  /** Sends what openapi-fetch has no words for: files, events. @throws OnecycleError as `take` does */
  async send(path: string, init: Init = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.authorization)) headers.set(name, value);
    const response = await this.#fetch(new Request(this.url + path, { ...init, headers }));
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => undefined);
    throw refusal(response, body);
  }

  /** What such a request answers, as JSON. @throws OnecycleError as `take` does */
  async json<T>(path: string, init?: Init): Promise<T> {
    return (await (await this.send(path, init)).json()) as T;
  }
}

/** A path with those parts of a query that are given. */
export function withQuery(path: string, query: Record<string, string | number | boolean | undefined>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return `${path}?${given.toString()}`.replace(/\?$/, '');
}

/** What the client needs of its surroundings, each of which may be absent. */
interface Surroundings {
  process?: { env?: Record<string, string | undefined> };
  location?: { origin: string };
}

/** An environment variable, where there are such. */
function environment(name: string): string | undefined {
  const { process } = globalThis as Surroundings;
  return process?.env?.[name] || undefined;
}

function defaultUrl(): string {
  const { location } = globalThis as Surroundings;
  return environment('ONECYCLE_URL') ?? location?.origin ?? 'http://127.0.0.1:3000';
}
