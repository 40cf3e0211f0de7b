/** The part of the charts that is seen, which stands in the address once it has settled: `?zoom=120-480`. */
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Range } from '../charts/line.js';
import { route, setQuery } from './route.js';

/** An address may be changed only so often, and a gesture changes the zoom with each frame. */
const settledMs = 250;

/** The zoom of a page; null for all. */
export function useZoom(): Signal<Range | null> {
  const range = useSignal(parseZoom(route.peek().query.get('zoom')));
  const asked = route.value.query.get('zoom');
  useEffect(() => {
    if (asked !== writeZoom(range.peek())) range.value = parseZoom(asked);
  }, [asked]);
  useEffect(() => {
    let settling: ReturnType<typeof setTimeout> | undefined;
    const dispose = range.subscribe((now) => {
      clearTimeout(settling);
      if (writeZoom(now) === route.peek().query.get('zoom')) return;
      settling = setTimeout(() => setQuery({ zoom: writeZoom(now) ?? undefined }), settledMs);
    });
    return () => {
      clearTimeout(settling);
      dispose();
    };
  }, [range]);
  return range;
}

/** `120-480`; null for all. Pure. */
const writeZoom = (range: Range | null): string | null => range && `${round(range[0])}-${round(range[1])}`;

/** What an address says; null where it says nothing that is a part. Pure. */
function parseZoom(text: string | null): Range | null {
  const [, from, to] = /^([\d.e+]+)-([\d.e+]+)$/.exec(text ?? '') ?? [];
  const range: Range = [Number(from), Number(to)];
  return Number.isFinite(range[0]) && range[1] > range[0] ? range : null;
}

const round = (value: number): number => Math.max(0, Number(value.toPrecision(7)));
