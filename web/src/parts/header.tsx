/** The header: the pages, whether the service answers, the theme, the keys. */
import { connection } from '../state/connection.js';
import { apiKey, signOut } from '../state/key.js';
import { href, route } from '../state/route.js';
import { nextTheme, themeChoice } from '../state/theme.js';
import { Button } from './button.js';

const links = [
  { name: 'jobs', text: 'Jobs' },
  { name: 'new', text: 'New job' },
  { name: 'compare', text: 'Compare' },
  { name: 'data', text: 'Data' },
  { name: 'workers', text: 'Workers' },
];
const themeSigns = { system: '◐', light: '☀', dark: '☾' };

/** The header of every page. */
export function Header({ onHelp }: { onHelp: () => void }) {
  const here = route.value.path.at(0) ?? 'jobs';
  const theme = themeChoice.value;
  return (
    <header class="top">
      <a class="brand" href={href(['jobs'])}>
        <img src="./icon.svg" alt="" width="22" height="22" />
        onecycle
      </a>
      <nav aria-label="Pages">
        {links.map(({ name, text }) => (
          <a key={name} href={href([name])} aria-current={here === name ? 'page' : undefined}>
            {text}
          </a>
        ))}
        <a href="/docs">API</a>
      </nav>
      <span class="connection" role="status">
        {connection.value === 'reconnecting' && 'Reconnecting…'}
      </span>
      <Button
        kind="quiet"
        label={`Theme: ${theme}`}
        onClick={() => {
          themeChoice.value = nextTheme(theme);
        }}
      >
        {themeSigns[theme]}
      </Button>
      {apiKey !== undefined && (
        <Button kind="quiet" onClick={signOut}>
          Sign out
        </Button>
      )}
      <Button kind="quiet" label="Keyboard shortcuts" onClick={onHelp}>
        ?
      </Button>
    </header>
  );
}
