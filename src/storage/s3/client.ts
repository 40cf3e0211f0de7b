/** Requests to S3, with a limit on how long an answer may take. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { StorageSettings } from '../../config.js';

/** A request has so long to be answered, tries included: a client of the API waits for it. */
const answerMs = 8000;
/** Tries of a request, with growing pauses between them. Who can wait longer tries again: patient.ts. */
const tries = 4;
/** A server that says nothing for so long is gone. */
const silenceMs = 20_000;

const sockets = 256;

// This version runs on Node 20, and it is pinned: the SDK's advice at every start helps nobody.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** Makes the client. Credentials are found by the SDK: the environment, its files, a machine's or a pod's role. */
export function s3Client({ endpoint, region, pathStyle }: StorageSettings): S3Client {
  const options: S3ClientConfig = {
    maxAttempts: tries,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: 3000,
      socketTimeout: silenceMs,
      // Whoever reads slowly must not keep others from reading.
      httpAgent: { maxSockets: sockets },
      httpsAgent: { maxSockets: sockets },
    },
    // Ours are by the whole content (content.ts); many servers do not know the SDK's trailers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: true,
    ...(endpoint !== null && { endpoint }),
    // A server of one's own seldom has regions, nor host names for its buckets.
    ...(region !== null ? { region } : endpoint !== null && { region: 'us-east-1' }),
    forcePathStyle: pathStyle ?? endpoint !== null,
  };
  return new S3Client(options);
}

/** Gives a request its time: its signal is aborted when that is over. What streams after the answer is not cut off. */
export async function within<T>(ask: (signal: AbortSignal) => Promise<T>, limitMs = answerMs): Promise<T> {
  const controller = new AbortController();
  const silent = new Error(`it has not answered within ${limitMs / 1000} s`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort(silent);
      reject(silent);
    }, limitMs);
  });
  try {
    return await Promise.race([ask(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
