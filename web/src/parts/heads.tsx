/** The head of a table. */

interface HeadsProps {
  names: readonly string[];
  /** Those of them whose columns hold numbers. */
  numbers?: readonly string[];
  /** Of a last column without a title, for screen readers. */
  last?: string;
}

/** A title for each column. */
export function Heads({ names, numbers = [], last }: HeadsProps) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col" class={numbers.includes(name) ? 'number' : undefined}>
            {name}
          </th>
        ))}
        {last !== undefined && (
          <th scope="col">
            <span class="visually-hidden">{last}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
