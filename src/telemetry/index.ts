/** Traces by OpenTelemetry, loaded where the environment asks for them. */
import type { TracingSettings } from '../config.js';
import { tracing, useTracing, type Complaints, type Tracing } from './tracing.js';

export { tracing, type Attributes, type Carrier, type Span, type Tracing } from './tracing.js';

/**
 * Begins to trace this process, unless the settings are null. Returns what is to be called at its end: `close`.
 * @param service its name in traces, unless `OTEL_SERVICE_NAME` has another
 */
export async function startTracing(
  settings: TracingSettings | null,
  service: string,
  log: Complaints,
): Promise<Tracing['close']> {
  if (settings !== null) {
    const { openTelemetry } = await import('./open-telemetry.js');
    useTracing(await openTelemetry(settings, service, log));
  }
  return () => tracing().close();
}
