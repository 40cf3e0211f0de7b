/** A storage whose operations are timed. */
import type { Storage } from '../../storage/index.js';

const timed = new Set(['put', 'get', 'stream', 'exists', 'list', 'remove']);

/** The same storage; `hear` is told the name of each operation and the seconds that it took. */
export function measured(storage: Storage, hear: (operation: string, seconds: number) => void): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (typeof name !== 'string' || !timed.has(name)) return value.bind(target) as unknown;
      return async (...args: unknown[]): Promise<unknown> => {
        const began = performance.now();
        try {
          return await (Reflect.apply(value, target, args) as Promise<unknown>);
        } finally {
          hear(name, (performance.now() - began) / 1000);
        }
      };
    },
  });
}
