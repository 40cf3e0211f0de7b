/** The plots' colours. Each stands in the SVG as it is in light; a style sheet inside it says what becomes of it in dark. */
const inDark = {
  '#ffffff': '#0d1117', // paper
  '#1f2328': '#e6edf3', // text
  '#59636e': '#9da7b1', // axes
  '#d8dee4': '#30363d', // rules
  '#0969da': '#58a6ff',
  '#bc4c00': '#f0883e',
  '#1a7f37': '#3fb950',
  '#8250df': '#bc8cff',
  '#cf222e': '#ff7b72',
  '#1b7c83': '#39c5cf',
} as const;

export type Color = keyof typeof inDark;

export const paper: Color = '#ffffff';
export const text: Color = '#1f2328';
export const axis: Color = '#59636e';
export const rule: Color = '#d8dee4';

/** Of lines and points, one after the other. */
export const palette: Color[] = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#cf222e', '#1b7c83'];

export const font = 'system-ui, sans-serif';

const rules = Object.entries(inDark).map(
  ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
);

/** Where a viewer knows no style sheets, the plot stays a light one, on its own paper. */
export const styleSheet = `:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${rules.join('')}}`;
