/** Light or dark: as the system says, until the reader chooses; the choice is remembered. */
import { computed, effect, signal } from '@preact/signals';
import { matches } from './media.js';

/** What the reader may choose. */
const themeChoices = ['system', 'light', 'dark'] as const;
/** One of them. */
export type ThemeChoice = (typeof themeChoices)[number];

const key = 'onecycle.theme';
const system = matches('(prefers-color-scheme: dark)');

/** What the reader chose. */
export const themeChoice = signal<ThemeChoice>(remembered());

/** Whether the page is dark now. */
export const dark = computed(() => (themeChoice.value === 'system' ? system.value : themeChoice.value === 'dark'));

effect(() => {
  const choice = themeChoice.value;
  document.documentElement.dataset.theme = choice;
  try {
    localStorage.setItem(key, choice);
  } catch {
    // Storage may be off: then the choice lasts as long as the page.
  }
});

/** The next choice after this one. */
export const nextTheme = (choice: ThemeChoice): ThemeChoice =>
  themeChoices[(themeChoices.indexOf(choice) + 1) % themeChoices.length];

function remembered(): ThemeChoice {
  try {
    const stored = localStorage.getItem(key);
    return themeChoices.find((choice) => choice === stored) ?? 'system';
  } catch {
    return 'system';
  }
}
