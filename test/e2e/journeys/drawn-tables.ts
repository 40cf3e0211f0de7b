/** Tables drawn for the journeys, and how a spreadsheet writes them. */
import { drawFrom } from '../../../src/numbers/random.js';

type Cell = string | number | null;
export type Row = Record<string, Cell>;

/** As a spreadsheet writes it: what has a comma or a quote in it is quoted. */
export function csvOf(rows: readonly Row[]): string {
  const cell = (value: Cell) => {
    const text = value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))];
  return lines.map((line) => `${line.map(cell).join(',')}\n`).join('');
}

/** Rows that lack a column. */
export const without = (rows: readonly Row[], column: string): Row[] =>
  rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== column)));

/** Women and children first, the rich before the poor; a fifth of the ages is missing. */
export function passengers(count: number, seed: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const draw = drawFrom({ seed, purpose: 'inputs', index });
    const [female, Pclass, age] = [draw() < 0.4, 1 + Math.floor(3 * draw()), Math.round(1 + 70 * draw())];
    const score = (female ? 2.2 : -1) + (age < 14 ? 2 : 0) - 0.7 * (Pclass - 2) + 3 * (draw() - 0.5);
    return {
      PassengerId: 1000 * seed + index,
      Survived: score > 0.5 ? 1 : 0,
      Pclass,
      Name: `${['Braund', "O'Dwyer", 'Müller'][index % 3]}, ${female ? 'Mrs.' : 'Mr.'} No ${index} ("Bert", of "Ü")`,
      Sex: female ? 'female' : 'male',
      Age: draw() < 0.2 ? null : age,
      Fare: Math.round((10_000 / Pclass) * (0.5 + draw())) / 100,
      Embarked: draw() < 0.02 ? null : ['S', 'C', 'Q'][Math.floor(3 * draw())],
    };
  });
}

/** Their price goes by area and place; a fourth of the areas is missing. */
export function houses(count: number, seed: number): Row[] {
  return Array.from({ length: count }, (_, index) => {
    const draw = drawFrom({ seed, purpose: 'inputs', index });
    const [area, place] = [Math.round(400 + 1600 * draw()) / 10, Math.floor(3 * draw())];
    const price = Math.round(area * (1 + place) + 40 * draw());
    return { area: draw() < 0.25 ? null : area, place: ['hamlet', 'town', 'city'][place], rooms: area / 25, price };
  });
}
