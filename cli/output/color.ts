/** The colours a command may use, each a function from text to text; the names are those of picocolors. */
export type Color = Readonly<Record<ColorName, (text: string | number) => string>>;

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  gray: [90, 39],
} as const;

export type ColorName = keyof typeof CODES;

/**
 * Whether to colour, by the usual rules in this order: NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM=dumb, CLICOLOR=0,
 * then whether the stream is a terminal.
 */
export function wantsColor(env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  if (env.CLICOLOR_FORCE !== undefined && env.CLICOLOR_FORCE !== '0') return true;
  if (env.TERM === 'dumb' || env.CLICOLOR === '0') return false;
  return terminal;
}

/** The palette: real colours, or functions that only make text. Small enough not to load a package at start-up. */
export function palette(on: boolean): Color {
  const paint = (open: number, close: number) => (text: string | number) =>
    on ? `\u001b[${open}m${text}\u001b[${close}m` : String(text);
  const entries = Object.entries(CODES).map(([name, [open, close]]) => [name, paint(open, close)]);
  return Object.fromEntries(entries) as Color;
}
