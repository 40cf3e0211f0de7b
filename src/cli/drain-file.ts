/** A file that says that this machine is about to be taken away. */
import { existsSync } from 'node:fs';

const lookMs = 500;

/** Calls `act` once the file is there, at once where it is already. Returns what ends the looking. */
export function whenThere(file: string, act: () => void): () => void {
  const look = (): void => {
    if (!existsSync(file)) return;
    clearInterval(timer);
    act();
  };
  const timer = setInterval(look, lookMs);
  look();
  return () => clearInterval(timer);
}
