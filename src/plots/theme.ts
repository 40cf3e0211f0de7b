/** The plots' colours in a light theme; a style sheet inside the SVG says what they become in a dark one. */
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

/** A colour that both themes have. */
export type Color = keyof typeof inDark;

/** The background. */
export const paper: Color = '#ffffff';
/** Titles and legends. */
export const text: Color = '#1f2328';
/** Axes and their labels. */
export const axis: Color = '#59636e';
/** The lines of a grid. */
export const rule: Color = '#d8dee4';

/** Colours of lines and points, one after the other. */
export const palette: Color[] = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#cf222e', '#1b7c83'];

/** The font of all texts. */
export const font = 'system-ui, sans-serif';

const rules = Object.entries(inDark).map(
  ([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
);

/** Follows the viewer's theme. Where a viewer knows no style sheets, the plot stays light, on its own background. */
export const styleSheet = `:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${rules.join('')}}`;
