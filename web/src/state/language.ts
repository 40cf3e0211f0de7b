/**
 * A Chromium that is started where no language is set (`LANG=C`) calls its own `en-US@posix`, which is no language tag:
 * uPlot, which makes a number format of it when it is loaded, would throw.
 */
if (!isTag(navigator.language)) Object.defineProperty(navigator, 'language', { value: 'en-US' });

function isTag(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
}

export {};
