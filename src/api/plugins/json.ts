/** Bodies are JSON and nothing else, up to a limit. The answer to what is not JSON says where its mistake is. */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { OnecycleError, type FieldProblem } from '../../errors.js';
import { child } from '../../schema/json.js';

/** Reads bodies of at most `maxJsonBytes`. */
export default fp(function json(app: FastifyInstance, { maxJsonBytes }: { maxJsonBytes: number }, done) {
  app.removeAllContentTypeParsers();
  // Fastify says neither the limit nor what to do.
  app.addHook('preParsing', ({ headers, routeOptions }, _reply, _payload, next) => {
    const isJson = headers['content-type']?.startsWith('application/json') && !routeOptions.config.bodyIsFile;
    next(isJson && Number(headers['content-length']) > maxJsonBytes ? tooLargeJson(maxJsonBytes) : null);
  });
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: maxJsonBytes },
    (_request, body, parsed) => {
      try {
        checkDepth(body);
        parsed(null, parseJson(body.toString()));
      } catch (error) {
        parsed(error as Error);
      }
    },
  );
  done();
});

function tooLargeJson(limit: number): OnecycleError {
  const detail = `must be at most ${limit} bytes (ONECYCLE_JSON_LIMIT): upload larger data to /datasets, and name the id`;
  return new OnecycleError('body_too_large', `JSON ${detail}.`, [{ pointer: '', detail }]);
}

/** Far more than any job needs, and far less than what a recursion can follow. */
const maxDepth = 200;
const [quote, backslash, openList, openObject, closeList, closeObject] = Buffer.from('"\\[{]}');

/** @throws OnecycleError `invalid_request` */
function checkDepth(body: Buffer): void {
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === quote) i = endOfString(body, i);
    else if (byte === closeList || byte === closeObject) depth--;
    else if ((byte === openList || byte === openObject) && ++depth > maxDepth) {
      const detail = `must not be nested more than ${maxDepth} levels deep`;
      throw new OnecycleError('invalid_request', `The body ${detail}.`, [{ pointer: '', detail }]);
    }
  }
}

function endOfString(body: Buffer, start: number): number {
  let i = start + 1;
  while (i < body.length && body[i] !== quote) i += body[i] === backslash ? 2 : 1;
  return i;
}

/** An empty body is none. @throws OnecycleError `invalid_json` */
function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const problems = notNumbers(text);
    const detail =
      problems.length > 0
        ? 'The body is not JSON: JSON has no NaN or Infinity.'
        : `The body is not JSON: ${(error as SyntaxError).message}`;
    throw new OnecycleError(
      'invalid_json',
      detail,
      problems.length > 0 ? problems : [{ pointer: '', detail: 'must be JSON' }],
    );
  }
}

const mark = '\u0000';

/** Where a body has NaN or Infinity, which some languages write, if it were JSON otherwise. */
function notNumbers(text: string): FieldProblem[] {
  const words = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(mark + token),
  );
  try {
    return find(JSON.parse(words), '');
  } catch {
    return [];
  }
}

function find(value: unknown, pointer: string): FieldProblem[] {
  if (typeof value === 'string' && value.startsWith(mark))
    return [{ pointer, detail: `must be a finite number, not ${value.slice(1)}` }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => find(field, child(pointer, name)));
}
