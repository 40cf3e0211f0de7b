/** What S3 says, as errors of ours. */
import { OnecycleError } from '../../errors.js';

/** Names of errors that trying again does not mend, and what they mean. */
const refusals: Record<string, string> = {
  NoSuchBucket: 'there is no such bucket',
  AccessDenied: 'the credentials do not allow it',
  Forbidden: 'the credentials do not allow it',
  InvalidAccessKeyId: 'the access key is not known there',
  SignatureDoesNotMatch: 'the secret key is wrong',
  ExpiredToken: 'the credentials have expired',
  CredentialsProviderError: 'no credentials were found; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set some',
  PermanentRedirect: 'the bucket is in another region; AWS_REGION sets it',
  AuthorizationHeaderMalformed: 'the bucket is in another region; AWS_REGION sets it',
  RequestTimeTooSkewed: 'the clock of this machine differs too much from the server’s',
};

/** Names that servers give to a storage without room. */
const full = ['QuotaExceeded', 'XMinioStorageFull', 'StorageFull', 'InsufficientStorage', 'ServiceQuotaExceeded'];

/** The HTTP status that an error of the SDK came with. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Whether something else is there that was to be put once; or another is putting it at this moment. */
export const isTaken = (error: unknown): boolean =>
  ['PreconditionFailed', 'ConditionalRequestConflict'].includes(nameOf(error)) || statusOf(error) === 412;

/** The error as whoever uses a storage expects it. `what`: what was being done, and to what. */
export function asStorageError(error: unknown, what: string, address: string): unknown {
  if (error instanceof OnecycleError || error instanceof RangeError) return error;
  // Of a file on this machine.
  if (error instanceof Error && 'path' in error) return error;
  const [name, status] = [nameOf(error), statusOf(error)];
  if (name !== 'NoSuchBucket' && (['NoSuchKey', 'NotFound'].includes(name) || status === 404))
    return Object.assign(new Error(`ENOENT: no such artifact, ${what} at ${address}`, { cause: error }), {
      code: 'ENOENT',
    });
  const why = refusals[name] ?? (status === 403 ? refusals.Forbidden : messageOf(error));
  const code = full.includes(name) || status === 507 ? 'disk_full' : 'storage_unavailable';
  const message =
    code === 'disk_full' ? `The storage ${address} is full: ${why}.` : `Could not ${what} at ${address}: ${why}.`;
  return new OnecycleError(code, message, [], { cause: error });
}

/** Several addresses of one host that cannot be reached are an AggregateError, which says nothing by itself. */
function messageOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  return (first.message || first.name).replace(/\.$/, '');
}
