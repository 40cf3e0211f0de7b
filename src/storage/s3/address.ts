/** Where artifacts lie in S3. */

/** A bucket, and how the names of its objects begin: '' or a path with `/` at its end. */
export interface S3Address {
  bucket: string;
  prefix: string;
}

/** Reads `s3://bucket/prefix`, as the configuration has checked it. */
export function s3Address(url: string): S3Address {
  const [bucket, ...folders] = url.replace(/^s3:\/\//, '').split('/');
  const prefix = folders.filter(Boolean).join('/');
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}

/**
 * The key of an artifact. @throws RangeError where the name is none, as a folder would refuse it: names may be made of
 * what clients send
 */
export function keyOf({ prefix }: S3Address, name: string): string {
  if (name.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new RangeError(`'${name}' is outside of the storage.`);
  return prefix + name;
}
