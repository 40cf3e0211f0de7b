/** A server that webhooks are delivered to, and what became of deliveries. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Webhook as Verifier } from 'standardwebhooks';
import type { Delivery } from '../../src/jobs/webhooks/webhook.js';
import { until } from '../jobs/harness.js';
import type { Api } from './harness.js';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver; `answer` says with what status each request is answered, and where that redirects to. */
export async function receiver(t: TestContext, answer: (received: Received[]) => number | { location: string }) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const how = answer(received);
      if (typeof how === 'number') response.writeHead(how).end('what it says stays here');
      else response.writeHead(302, how).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

const deliveries = async (on: Api, id: string, status: string): Promise<Delivery[]> =>
  ((await on.get(`/webhooks/${id}/deliveries?status=${status}`)).body as { data: Delivery[] }).data;
export const count = (on: Api, id: string, status: string, wanted: number): Promise<Delivery[]> =>
  until(`${wanted} deliveries are ${status}`, async () => {
    const found = await deliveries(on, id, status);
    return found.length === wanted ? found : null;
  });

export interface Payload {
  type: string;
  timestamp: string;
  data: { job: string; name: string | null; status?: string; seq?: number; [more: string]: unknown };
}
export const verified = ({ headers, body }: Received, secret: string): Payload =>
  new Verifier(secret).verify(body, headers as Record<string, string>) as Payload;
