/** Files on their way to the server, with their progress: a Blob in parts, a stream as it comes. */

import { withQuery, type Http } from './http.js';
import type { Dataset } from './types.js';
import { uploadInParts } from './upload-parts.js';
import type { DatasetUpload, Uploadable, UploadProgress } from './uploadable.js';

/** Less than this goes in one request, unless somebody wants to see its progress. */
const smallBytes = 8 * 1024 * 1024;

/** Uploads a data set. @throws OnecycleError */
export async function uploadDataset(http: Http, file: Uploadable, options: DatasetUpload): Promise<Dataset> {
  const { onProgress, signal, ...labels } = options;
  const body = isStream(file) || file instanceof Blob ? file : new Blob([file]);
  const name = labels.name ?? nameOf(file);
  if (!isStream(body) && body.size > 0 && (onProgress !== undefined || body.size > smallBytes))
    return uploadInParts(http, body, { ...options, name });
  const path = withQuery('/datasets', { ...labels, name });
  return sendFile<Dataset>(http, path, body, { onProgress, signal });
}

/** What a request answers whose body is a file. @throws OnecycleError */
export function sendFile<T>(
  http: Http,
  path: string,
  file: Uploadable,
  { onProgress, signal }: Pick<DatasetUpload, 'onProgress' | 'signal'> = {},
): Promise<T> {
  const headers = { 'content-type': 'application/octet-stream' };
  if (!isStream(file)) return http.json<T>(path, { method: 'POST', headers, body: file, signal });
  const body = onProgress ? file.pipeThrough(counting(onProgress)) : file;
  return http.json<T>(path, { method: 'POST', headers, body, signal, duplex: 'half' });
}

function counting(onProgress: (progress: UploadProgress) => void): TransformStream<Uint8Array, Uint8Array> {
  let loaded = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      controller.enqueue(part);
      loaded += part.byteLength;
      onProgress({ loaded, total: undefined });
    },
  });
}

const isStream = (file: Uploadable): file is ReadableStream<Uint8Array> => file instanceof ReadableStream;
const nameOf = (file: Uploadable): string | undefined =>
  'name' in file && typeof file.name === 'string' ? file.name : undefined;
