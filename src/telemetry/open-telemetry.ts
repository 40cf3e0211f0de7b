/** Spans of OpenTelemetry, sent by OTLP. Its SDK reads the other `OTEL_*` variables: sampler, batches, headers. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  diag,
  DiagLogLevel,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OtelSpan,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { TracingSettings } from '../config.js';
import type { Attributes, Carrier, Complaints, Span, SpanKind, SpanOptions, Tracing } from './tracing.js';

/** A collector that does not answer must not keep a process from ending. */
const closingLimitMs = 1000;
const kinds: Record<SpanKind, Kind> = { internal: Kind.INTERNAL, server: Kind.SERVER, consumer: Kind.CONSUMER };
const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

class SdkSpan implements Span {
  readonly context: Context;

  constructor(
    readonly span: OtelSpan,
    parent: Context,
  ) {
    this.context = trace.setSpan(parent, span);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  fail(type: string, message?: string): void {
    this.span.setAttribute('error.type', type);
    this.span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }

  end(at?: number): void {
    this.span.end(at);
  }
}

/** Spans that go where the `OTEL_*` variables say. What does not get through is told, and costs nothing else. */
export async function openTelemetry({ json }: TracingSettings, service: string, log: Complaints): Promise<Tracing> {
  const say = (message: string): void => log.warn({ reason: reasonOf(message) }, 'traces do not get through');
  const silent = (): void => undefined;
  diag.setLogger({ error: say, warn: say, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const { OTLPTraceExporter } = json
    ? await import('@opentelemetry/exporter-trace-otlp-http')
    : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OpenTelemetry(service, new OTLPTraceExporter());
}

/** An error comes as JSON of all that it has. */
function reasonOf(message: string): string {
  const told = /"message":("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  return told === undefined ? message : String(JSON.parse(told));
}

/** Nothing of it is registered with OpenTelemetry's globals: other code in this process may use these. */
class OpenTelemetry implements Tracing {
  readonly on = true;
  readonly #active = new AsyncLocalStorage<SdkSpan>();
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #provider: BasicTracerProvider;
  readonly #tracer: Tracer;

  constructor(service: string, exporter: SpanExporter) {
    const attributes = { 'service.name': service, 'service.version': version, 'host.name': hostname() };
    const resource = defaultResource()
      .merge(resourceFromAttributes({ ...attributes, 'process.pid': process.pid }))
      .merge(detectResources({ detectors: [envDetector] }));
    this.#provider = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
    this.#tracer = this.#provider.getTracer('onecycle', version);
  }

  start(name: string, { kind = 'internal', parent = {}, at, attributes = {} }: SpanOptions = {}): Span {
    const above = this.#contextOf(parent);
    const options = { kind: kinds[kind], attributes, ...(at !== undefined && { startTime: at }) };
    return new SdkSpan(this.#tracer.startSpan(name, options, above), above);
  }

  within<T>(span: Span, run: () => T): T {
    return span instanceof SdkSpan ? this.#active.run(span, run) : run();
  }

  carrier(): Carrier {
    const active = this.#active.getStore();
    const carrier: Carrier = {};
    if (active) this.#propagator.inject(active.context, carrier, defaultTextMapSetter);
    return carrier;
  }

  ids(): Record<string, string> {
    const active = this.#active.getStore()?.span.spanContext();
    return active ? { trace_id: active.traceId, span_id: active.spanId } : {};
  }

  close(): Promise<boolean> {
    const waiting = new AbortController();
    const closed = (): boolean => true;
    const late = sleep(closingLimitMs, false, { signal: waiting.signal }).catch(closed);
    const shutDown = this.#provider.shutdown().then(closed, closed);
    return Promise.race([shutDown, late]).finally(() => waiting.abort());
  }

  #contextOf(parent: Span | Carrier): Context {
    if (parent instanceof SdkSpan) return parent.context;
    return this.#propagator.extract(ROOT_CONTEXT, parent, defaultTextMapGetter);
  }
}
