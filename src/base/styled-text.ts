/** What a part of a line is, for whoever colours it. */
export type Tone = 'best' | 'mark' | 'dim' | 'wrong' | 'name';

/** A part of a line; its text is safe to print. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** A line for a terminal, before it has colours. */
export type StyledLine = readonly Span[];

/** The text of a line without its tones. */
export function plainText(line: StyledLine): string {
  return line.map(({ text }) => text).join('');
}
