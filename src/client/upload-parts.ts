/** Uploads in parts, by the tus protocol: a lost connection loses no more than a part. */
import { OnecycleError } from './errors.js';
import type { Http } from './http.js';
import type { Dataset } from './types.js';
import type { DatasetUpload } from './uploadable.js';
import { backoff, pause } from './wait.js';

const protocol = { 'tus-resumable': '1.0.0' };
/** About a hundred parts, for a progress that moves; not so small that most of the time goes into requests. */
const partBytes = (total: number): number => Math.min(8 * 1024 ** 2, Math.max(256 * 1024, Math.ceil(total / 100)));
const mostTries = 5;

/** Uploads a file that is not empty. @throws OnecycleError */
export async function uploadInParts(http: Http, file: Blob, options: DatasetUpload): Promise<Dataset> {
  const { onProgress, signal } = options;
  const path = await begin(http, file, options);
  const size = partBytes(file.size);
  try {
    for (let offset = 0, failures = 0; ;) {
      onProgress?.({ loaded: offset, total: file.size });
      try {
        const answer = await sendPart(http, path, offset, file.slice(offset, offset + size), signal);
        failures = 0;
        if (answer.status !== 204) {
          onProgress?.({ loaded: file.size, total: file.size });
          return (await answer.json()) as Dataset;
        }
        offset = offsetOf(answer);
      } catch (error) {
        if (!mayPass(error) || ++failures === mostTries) throw error;
        await pause(backoff(failures), signal);
        offset = offsetOf(await http.send(path, { method: 'HEAD', headers: protocol, signal }));
      }
    }
  } catch (error) {
    // What came of it is of no use; where this fails too, the server removes it in time.
    await http.send(path, { method: 'DELETE', headers: protocol }).catch(() => undefined);
    throw error;
  }
}

/** Announces the file; the path that its parts go to. */
async function begin(http: Http, file: Blob, { signal, ...options }: DatasetUpload): Promise<string> {
  const answer = await http.send('/datasets/uploads', {
    method: 'POST',
    headers: { ...protocol, 'upload-length': String(file.size), 'upload-metadata': metadata(options) },
    signal,
  });
  const location = answer.headers.get('location');
  if (location === null) throw noPlace(answer.url);
  return new URL(location, answer.url).href.slice(http.url.length);
}

const sendPart = (http: Http, path: string, offset: number, body: Blob, signal?: AbortSignal): Promise<Response> =>
  http.send(path, {
    method: 'PATCH',
    headers: { ...protocol, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body,
    signal,
  });

const offsetOf = (answer: Response): number => Number(answer.headers.get('upload-offset'));

/** `filename d29y…,header dHJ1ZQ==`: names with their values in base64. */
function metadata({ name, delimiter, encoding, decimal, header }: DatasetUpload): string {
  const values = { filename: name, delimiter, encoding, decimal, header };
  return Object.entries(values)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${base64(String(value))}`]))
    .join(',');
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

const mayPass = (error: unknown): boolean =>
  error instanceof OnecycleError && (error.status === 0 || error.status === 409 || error.status >= 502);

const noPlace = (url: string): OnecycleError =>
  new OnecycleError({ status: 0, code: 'unexpected_answer', detail: `${url} did not say where the parts go` });
