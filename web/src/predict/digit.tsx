/** A digit to draw, by pointer, finger or keys. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../parts/button.js';
import { blank, block, cells, pixels, size, stroke, toggled, type Bitmap } from './bitmap.js';

type Point = readonly [number, number];

/** The field; `onDraw` gets the pixels of what is drawn, null where nothing is. */
export function DigitField({ onDraw }: { onDraw: (row: number[] | null) => void }) {
  const bitmap = useSignal<Bitmap>(blank());
  const at = useSignal<Point>([0, 0]);
  const keyboard = useSignal(false);
  const last = useRef<Point | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => paint(canvas.current, bitmap.value, keyboard.value ? at.value : null));
  const set = (next: Bitmap): void => {
    bitmap.value = next;
    onDraw(next.includes(1) ? pixels(next) : null);
  };
  const place = (event: PointerEvent & { currentTarget: HTMLCanvasElement }): Point => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - left) / width) * size, ((event.clientY - top) / height) * size];
  };
  const draw = (to: Point): void => {
    set(stroke(bitmap.value, last.current ?? to, to));
    last.current = to;
  };
  const key = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, Point | undefined>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    if (move === undefined && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    const [column, row] = at.value;
    if (move) at.value = [(column + move[0] + cells) % cells, (row + move[1] + cells) % cells];
    else set(toggled(bitmap.value, column, row));
  };
  const [column, row] = at.value;
  const filled = bitmap.value[row * block * size + column * block] === 1;
  return (
    <div class="digit">
      <canvas
        ref={canvas}
        width={size}
        height={size}
        tabIndex={0}
        role="application"
        aria-label={`Draw a digit. The arrow keys move, the space bar fills. Row ${row + 1}, column ${column + 1}, ${filled ? 'filled' : 'empty'}`}
        onFocus={() => (keyboard.value = true)}
        onBlur={() => (keyboard.value = false)}
        onKeyDown={key}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          draw(place(event));
        }}
        onPointerMove={(event) => last.current && draw(place(event))}
        onPointerUp={() => (last.current = null)}
        onPointerCancel={() => (last.current = null)}
      />
      <Button onClick={() => set(blank())}>Clear</Button>
    </div>
  );
}

/** White on black on every theme, as the data set has it. */
function paint(canvas: HTMLCanvasElement | null, bitmap: Bitmap, at: Point | null): void {
  const context = canvas?.getContext('2d');
  if (!context) return;
  context.fillStyle = '#101418';
  context.fillRect(0, 0, size, size);
  context.fillStyle = '#ffffff';
  for (const [i, set] of bitmap.entries()) if (set) context.fillRect(i % size, Math.floor(i / size), 1, 1);
  if (at === null) return;
  context.strokeStyle = '#f0b429';
  context.strokeRect(at[0] * block + 0.5, at[1] * block + 0.5, block - 1, block - 1);
}
