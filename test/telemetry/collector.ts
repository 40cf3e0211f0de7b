/** An OpenTelemetry collector: takes spans by OTLP over HTTP, as JSON or protobuf. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import protobuf from 'protobufjs';

/** A span, with its ids in hexadecimal and the name of who made it. */
export interface TakenSpan {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  start: number;
  end: number;
  attributes: Record<string, unknown>;
  status: { code?: number; message?: string };
}

export interface Collector {
  url: string;
  spans: TakenSpan[];
  types: Set<string>;
}

/** What is needed of opentelemetry-proto's trace/v1/trace.proto. */
const { root } = protobuf.parse(`syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15; }
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; Value value = 2; }
message Value { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }`);

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}
interface Request {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: {
      spans: (Pick<TakenSpan, 'traceId' | 'spanId' | 'name' | 'kind' | 'status'> & {
        parentSpanId?: string;
        startTimeUnixNano: string;
        endTimeUnixNano: string;
        attributes: KeyValue[];
      })[];
    }[];
  }[];
}

export async function collector(t: TestContext): Promise<Collector> {
  const taken: Collector = { url: '', spans: [], types: new Set() };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const type = request.headers['content-type'] ?? '';
      taken.types.add(`${request.method} ${request.url} ${type}`);
      taken.spans.push(...spansOf(decode(type, Buffer.concat(parts))));
      response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  taken.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return taken;
}

function decode(type: string, body: Buffer): Request {
  if (type === 'application/json') return JSON.parse(body.toString()) as Request;
  const Message = root.lookupType('Request');
  return Message.toObject(Message.decode(body), { longs: String, bytes: String, arrays: true }) as Request;
}

const hex = (id = ''): string => (/^[0-9a-f]*$/.test(id) ? id : Buffer.from(id, 'base64').toString('hex'));
const attributesOf = (all: KeyValue[]): Record<string, unknown> =>
  Object.fromEntries(all.map(({ key, value }) => [key, Object.values(value)[0]]));

const spansOf = ({ resourceSpans }: Request): TakenSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, attributes, ...rest }) => ({
        service: String(attributesOf(resource.attributes)['service.name']),
        traceId: hex(traceId),
        spanId: hex(spanId),
        parentSpanId: hex(parentSpanId),
        name: rest.name,
        kind: rest.kind,
        start: Number(startTimeUnixNano) / 1e6,
        end: Number(endTimeUnixNano) / 1e6,
        attributes: attributesOf(attributes),
        status: rest.status,
      })),
    ),
  );
