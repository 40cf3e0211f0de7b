/** What the screen is like. */
import { signal, type ReadonlySignal } from '@preact/signals';

/** Whether a media query matches, now and later. */
export function matches(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const state = signal(list.matches);
  list.addEventListener('change', () => (state.value = list.matches));
  return state;
}

/** Whether tables are cards: as in styles/table.css. */
export const narrow = matches('(max-width: 640px)');
