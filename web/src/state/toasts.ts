/** Short messages about what has just happened; a screen reader reads them out. */
import { signal } from '@preact/signals';
import { describeProblem } from './problem.js';

/** One message. */
export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'error';
}

/** Those that are shown now. */
export const toasts = signal<readonly Toast[]>([]);

/** Errors stay longer: they are to be read. */
const shownMs = { info: 5_000, error: 12_000 };
let next = 0;

/** Shows a message for a while. */
export function toast(text: string, kind: Toast['kind'] = 'info'): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-4), { id, text, kind }];
  setTimeout(() => dismiss(id), shownMs[kind]);
}

/** Shows what went wrong. */
export function toastError(error: unknown, doing: string): void {
  toast(`${doing}: ${describeProblem(error).detail}`, 'error');
}

/** Takes a message away. */
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}
