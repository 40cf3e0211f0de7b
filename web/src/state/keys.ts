/** Keys that do something, each with words for the list that `?` shows. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** What a key does. */
export interface KeyAction {
  /** In words, for the list. */
  does: string;
  run: (event: KeyboardEvent) => void;
}

/** Actions by key, as `KeyboardEvent.key` names them. */
export type Keys = Readonly<Record<string, KeyAction>>;

const layers = signal<readonly { readonly current: Keys }[]>([]);

/** All keys that work now; where two parts of the page name the same, the later one's. */
export const activeKeys = (): [string, KeyAction][] =>
  Object.entries(Object.assign({}, ...layers.value.map(({ current }) => current)) as Keys);

/** Keys that work while the component is shown. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    layers.value = [...layers.value, latest];
    return () => {
      layers.value = layers.value.filter((layer) => layer !== latest);
    };
  }, []);
}

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const action = layers.value.findLast(({ current }) => Object.hasOwn(current, event.key))?.current[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action.run(event);
});

/** A key that is pressed in a field, in a dialog, or on what acts on it itself, is meant for that. */
function isTyping({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('input:not([type=checkbox],[type=range]),textarea,select,[contenteditable],dialog[open]') !== null)
    return true;
  return (key === 'Enter' || key === ' ') && target.closest('a,button,input,summary') !== null;
}
