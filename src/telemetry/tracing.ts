/** Spans as the service makes them, with nothing behind them until `startTracing` puts OpenTelemetry there. */

/** What a span says of itself; what is undefined is left out. */
export type Attributes = Record<string, string | number | boolean | undefined>;

/** How a span stands to others: OpenTelemetry's span kinds. */
export type SpanKind = 'internal' | 'server' | 'consumer';

/** A span as headers carry it: W3C Trace Context. */
export interface Carrier {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
}

/** Something that takes a while. */
export interface Span {
  set(attributes: Attributes): void;
  /** It went wrong: `type` is one of few. */
  fail(type: string, message?: string): void;
  /** Ends it, now or at a time in milliseconds. */
  end(at?: number): void;
}

/** How a span begins. */
export interface SpanOptions {
  kind?: SpanKind;
  /** A span of this process, or what has come from another; left out, it is the root of a trace. */
  parent?: Span | Carrier;
  /** When, in milliseconds; left out, now. */
  at?: number;
  attributes?: Attributes;
}

/** A process's spans. */
export interface Tracing {
  /** Whether anybody hears of them. */
  readonly on: boolean;
  start(name: string, options?: SpanOptions): Span;
  /** Runs something, and all that follows from it, with a span as the active one. */
  within<T>(span: Span, run: () => T): T;
  /** The active span, for another process. */
  carrier(): Carrier;
  /** The active span's `trace_id` and `span_id`, for a line of the log: a new object, which it may change. */
  ids(): Record<string, string>;
  /** Sends what is left. False where that takes longer than a second, and goes on. */
  close(): Promise<boolean>;
}

/** Where it says that spans do not get through. */
export interface Complaints {
  warn(facts: object, message: string): void;
}

const noSpan: Span = { set: () => undefined, fail: () => undefined, end: () => undefined };

/** Where nobody asked for spans. */
export const noTracing: Tracing = {
  on: false,
  start: () => noSpan,
  within: (_span, run) => run(),
  carrier: () => ({}),
  ids: () => ({}),
  close: () => Promise.resolve(true),
};

let current = noTracing;

/** This process's spans. */
export const tracing = (): Tracing => current;

/** Puts something behind them, before the first is made. */
export function useTracing(made: Tracing): void {
  current = made;
}
