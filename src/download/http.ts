/** HTTP for downloads: by the proxies and certificates that the environment names, with a limit on silence. */
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { EnvHttpProxyAgent, fetch, type ProxyAgent, type Response } from 'undici';

/** No byte for so long is a broken connection. A slow download may take as long as it likes. */
const silenceMs = 30_000;

/** An answer to a GET. */
export type Answer = Response;

/** Asks for a URL, whose credentials (`https://user:password@host`) go into a header and nowhere else. */
export type Get = (url: string, headers?: Record<string, string>, signal?: AbortSignal) => Promise<Answer>;

/**
 * A client that goes through HTTPS_PROXY and HTTP_PROXY but for NO_PROXY.
 * @param cert file of the certificates to trust; null: Node's own with those of NODE_EXTRA_CA_CERTS
 * @throws where the file cannot be read
 */
export function httpClient(cert: string | null, env: NodeJS.ProcessEnv = process.env): Get {
  const tls = { timeout: silenceMs, ...(cert !== null && { ca: trusted(cert, env) }) };
  // undici hands these on to the agents for proxies too, which its types leave out.
  const options: EnvHttpProxyAgent.Options & Omit<ProxyAgent.Options, 'uri'> = {
    connect: tls,
    requestTls: tls,
    proxyTls: tls,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  };
  const dispatcher = new EnvHttpProxyAgent(options);
  return (url, headers = {}, signal) =>
    fetch(withoutCredentials(url), {
      headers: { ...headers, ...authorization(url) },
      dispatcher,
      ...(signal && { signal }),
    });
}

/**
 * Certificates that are given replace Node's own, and with them NODE_EXTRA_CA_CERTS, which is asked for all the same.
 */
function trusted(cert: string, env: NodeJS.ProcessEnv): string[] {
  const extra = env.NODE_EXTRA_CA_CERTS;
  const more = extra && extra !== cert ? [...rootCertificates, readFileSync(extra, 'utf8')] : [];
  return [readFileSync(cert, 'utf8'), ...more];
}

/** A URL as it may be shown and sent: without user and password. */
export function withoutCredentials(url: string): string {
  const plain = new URL(url);
  plain.username = plain.password = '';
  return plain.href;
}

function authorization(url: string): Record<string, string> {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/**
 * `path` with the credentials of `from`, where both are of one origin: as pip takes them from the index to its files.
 */
export function withCredentialsOf(from: string, path: string): string {
  const [index, url] = [new URL(from), new URL(path)];
  if (index.origin !== url.origin || url.username !== '') return url.href;
  url.username = index.username;
  url.password = index.password;
  return url.href;
}

/**
 * Why a request failed, in a few words: the innermost cause says it (`getaddrinfo ENOTFOUND …`, `self-signed
 * certificate`).
 */
export function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  if (innermost instanceof AggregateError && innermost.errors.length > 0) return reasonOf(innermost.errors[0]);
  return innermost instanceof Error ? innermost.message : String(innermost);
}
