/** The reader's key, where the service needs one. It is kept in this browser, and the page starts anew with it. */
import { signal } from '@preact/signals';

const place = 'onecycle.key';

/** What of a browser is needed here; tests of what stands on it run where there is none. */
interface Browser {
  localStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  location?: { reload(): void };
}
const browser = globalThis as Browser;

/** The key that this page works with; undefined where it has none. */
export const apiKey: string | undefined = remembered();

/** Whether the service has asked for a key that it takes. */
export const keyNeeded = signal(false);

/** Goes on with a key. */
export function signIn(key: string): void {
  browser.localStorage?.setItem(place, key.trim());
  browser.location?.reload();
}

/** Forgets the key. */
export function signOut(): void {
  browser.localStorage?.removeItem(place);
  browser.location?.reload();
}

function remembered(): string | undefined {
  try {
    return browser.localStorage?.getItem(place) ?? undefined;
  } catch {
    // Storage may be off: then there is no key to be remembered.
    return undefined;
  }
}
