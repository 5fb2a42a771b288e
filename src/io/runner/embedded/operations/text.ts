import { flag, int, text } from '../arguments.ts';
import type { Operation } from '../operation.ts';

/** What Python's `strip` takes for white space. */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';

export const stringConcatenate: Operation = {
  classType: 'StringConcatenate',
  run: (inputs) => ({
    outputs: [`${text(inputs, 'string_a')}${text(inputs, 'delimiter')}${text(inputs, 'string_b')}`],
  }),
};

export const stringSubstring: Operation = {
  classType: 'StringSubstring',
  run(inputs) {
    // By characters, as Python counts: one outside the basic plane is one.
    const characters = [...text(inputs, 'string')];
    return { outputs: [characters.slice(int(inputs, 'start'), int(inputs, 'end')).join('')] };
  },
};

export const stringLength: Operation = {
  classType: 'StringLength',
  run: (inputs) => ({ outputs: [BigInt([...text(inputs, 'string')].length)] }),
};

export const caseConverter: Operation = {
  classType: 'CaseConverter',
  run(inputs) {
    const string = text(inputs, 'string');
    const modes: Record<string, () => string> = {
      UPPERCASE: () => string.toUpperCase(),
      lowercase: () => string.toLowerCase(),
      Capitalize: () => titled([...string].slice(0, 1).join('')) + [...string].slice(1).join('').toLowerCase(),
      'Title Case': () => titled(string),
    };
    return { outputs: [modes[text(inputs, 'mode')]?.() ?? string] };
  },
};

/** Python's `title`: a letter is large where none stands before it. */
function titled(string: string): string {
  let inWord = false;
  return [...string]
    .map((character) => {
      const isLetter = /[\p{Lu}\p{Ll}\p{Lt}]/u.test(character);
      const shown = !isLetter ? character : inWord ? character.toLowerCase() : titleOf(character);
      inWord = isLetter;
      return shown;
    })
    .join('');
}

/** One letter as the first of a word: of those that become two, only the first is large. */
function titleOf(letter: string): string {
  const digraphs: Record<string, string> = { Ǆ: 'ǅ', Ǉ: 'ǈ', Ǌ: 'ǋ', Ǳ: 'ǲ' };
  const upper = letter.toUpperCase();
  if (digraphs[upper] !== undefined) return digraphs[upper];
  const first = [...upper].findIndex((one) => one !== one.toLowerCase());
  return [...upper].map((one, i) => (i > first && first >= 0 ? one.toLowerCase() : one)).join('');
}

export const stringTrim: Operation = {
  classType: 'StringTrim',
  run(inputs) {
    const mode = text(inputs, 'mode');
    let string = text(inputs, 'string');
    if (mode === 'Both' || mode === 'Left') string = string.replace(new RegExp(`^${SPACE}`), '');
    if (mode === 'Both' || mode === 'Right') string = withoutEnd(string);
    return { outputs: [string] };
  },
};

/** From the end, so that long runs of blanks inside cost nothing. */
function withoutEnd(string: string): string {
  const blank = new RegExp(`^${SPACE}$`);
  let end = string.length;
  while (end > 0 && blank.test(string[end - 1]!)) end--;
  return string.slice(0, end);
}

export const stringReplace: Operation = {
  classType: 'StringReplace',
  run(inputs) {
    const [string, find, replace] = [text(inputs, 'string'), text(inputs, 'find'), text(inputs, 'replace')];
    const parts = find === '' ? ['', ...string, ''] : string.split(find);
    return { outputs: [parts.join(replace)] };
  },
};

export const stringContains: Operation = {
  classType: 'StringContains',
  run(inputs) {
    const [string, part] = sameCase(
      [text(inputs, 'string'), text(inputs, 'substring')],
      flag(inputs, 'case_sensitive'),
    );
    return { outputs: [string.includes(part)] };
  },
};

export const stringCompare: Operation = {
  classType: 'StringCompare',
  run(inputs) {
    const [a, b] = sameCase([text(inputs, 'string_a'), text(inputs, 'string_b')], flag(inputs, 'case_sensitive'));
    const mode = text(inputs, 'mode');
    return { outputs: [mode === 'Equal' ? a === b : mode === 'Starts With' ? a.startsWith(b) : a.endsWith(b)] };
  },
};

function sameCase([a, b]: [string, string], isSensitive: boolean): [string, string] {
  return isSensitive ? [a, b] : [a.toLowerCase(), b.toLowerCase()];
}
