/** The lines at the bottom of a terminal that are drawn again and again, under those that stay. */
import { sizeOf } from './out.js';
import { cut } from './style.js';

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Terminals that know it show the whole change at once. */
const [together, done] = ['\x1b[?2026h', '\x1b[?2026l'];

/** See above. */
export class LiveRegion {
  private lines: string[] = [];
  private readonly restore = (): void => void this.out.write(showCursor);

  constructor(private readonly out: NodeJS.WriteStream) {
    out.write(hideCursor);
    process.on('exit', this.restore);
  }

  /** Shows these lines in place of those before. */
  draw(lines: readonly string[]): void {
    const before = this.erase();
    const { columns, rows } = sizeOf(this.out);
    this.lines = lines.slice(-(rows - 1)).map((line) => cut(line, columns - 1));
    this.out.write(`${together}${before}${this.lines.map((line) => `${line}\n`).join('')}${done}`);
  }

  /** A line that stays, above them. */
  print(text: string): void {
    const before = this.erase();
    this.out.write(`${together}${before}${text}\n${this.lines.map((line) => `${line}\n`).join('')}${done}`);
  }

  /** Takes them away. */
  end(): void {
    this.out.write(`${this.erase()}${showCursor}`);
    this.lines = [];
    process.off('exit', this.restore);
  }

  private erase(): string {
    return this.lines.length === 0 ? '' : `\x1b[${this.lines.length}A\x1b[0J`;
  }
}
