/** Which rows of a long table are seen: only those are on the page. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** Rows that are on the page above and below those that are seen. */
const margin = 12;

/** Rows of one height in a box that scrolls. */
export function useVirtualRows({ count, rowHeight }: { count: number; rowHeight: number }) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(800);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const read = (): void => {
      // To the row: less would draw the same rows again.
      top.value = Math.floor(element.scrollTop / rowHeight) * rowHeight;
      height.value = element.clientHeight;
    };
    const resized = new ResizeObserver(read);
    resized.observe(element);
    element.addEventListener('scroll', read, { passive: true });
    read();
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', read);
    };
  }, [rowHeight]);
  const first = Math.max(0, Math.floor(top.value / rowHeight) - margin);
  const last = Math.min(count, Math.ceil((top.value + height.value) / rowHeight) + margin);
  return {
    box,
    first,
    last,
    before: first * rowHeight,
    after: Math.max(0, count - last) * rowHeight,
    /** Scrolls so that a row is seen. */
    show(row: number): void {
      const element = box.current;
      if (element === null) return;
      const from = row * rowHeight;
      if (from < element.scrollTop + rowHeight) element.scrollTop = Math.max(0, from - rowHeight);
      else if (from + 2 * rowHeight > element.scrollTop + element.clientHeight)
        element.scrollTop = from + 2 * rowHeight - element.clientHeight;
    },
  };
}
