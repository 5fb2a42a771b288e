import { NodeFailure } from '../failure.ts';
import type { Value } from '../values.ts';

/** A Python expression as a tree. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'compare'; readonly first: Expression; readonly rest: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'item'; readonly of: Expression; readonly index: Expression };

const TOKEN =
  /[ \t\f\r]*(?:(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|\/\/|<<|>>|<=|>=|==|!=|[-+*/%()[\],<>&|^~])|([\n;]|#.*))/y;
const KEYWORDS = new Set(['and', 'or', 'not', 'in', 'is', 'if', 'else', 'lambda', 'for']);
/** Operators of two sides from the loosest to the tightest (Python's reference, 6.17). */
const LEVELS: readonly (readonly string[])[] = [['|'], ['^'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '//', '%']];
const COMPARISONS = new Set(['<', '>', '<=', '>=', '==', '!=']);
const MOST_CHARACTERS = 10_000;
const DEEPEST = 100;

/**
 * Reads the part of Python's expressions that calculates: numbers, names, operators, comparisons, `and or not`, `a if b
 * else c`, calls by name, items. Throws a NodeFailure SyntaxError.
 */
export function parseExpression(source: string): Expression {
  if (source.length > MOST_CHARACTERS) throw syntax('the expression is too long');
  const parser = new Parser(tokens(source));
  const tree = parser.choice(0);
  // Further lines and what follows a semicolon must be expressions too; Python's first one counts.
  while (!parser.isAtEnd()) parser.choice(0);
  return tree;
}

interface Token {
  readonly kind: 'number' | 'name' | 'operator' | 'line' | 'end';
  readonly text: string;
}

function tokens(source: string): Token[] {
  const found: Token[] = [];
  const text = source.trim();
  TOKEN.lastIndex = 0;
  let open = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) throw syntax('invalid syntax');
    if (match[1] !== undefined) found.push({ kind: 'number', text: match[1] });
    else if (match[2] !== undefined) found.push({ kind: KEYWORDS.has(match[2]) ? 'operator' : 'name', text: match[2] });
    else if (match[3] !== undefined) {
      open += '(['.includes(match[3]) ? 1 : ')]'.includes(match[3]) ? -1 : 0;
      found.push({ kind: 'operator', text: match[3] });
    } else if (match[4] === ';' || (match[4] === '\n' && open <= 0)) found.push({ kind: 'line', text: match[4] });
  }
  return [...found, { kind: 'end', text: '' }];
}

function syntax(reason: string): NodeFailure {
  return new NodeFailure('SyntaxError', `${reason} (<unknown>, line 1)`);
}

class Parser {
  private at = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  /** Whether all is read; steps over the end of a line. */
  isAtEnd(): boolean {
    const isNext = this.tokens[this.at]!.kind === 'line';
    while (this.tokens[this.at]!.kind === 'line') this.at++;
    if (this.tokens[this.at]!.kind === 'end') return true;
    if (!isNext) throw syntax('invalid syntax');
    return false;
  }

  choice(depth: number): Expression {
    if (depth > DEEPEST) throw syntax('the expression is nested too deeply');
    const yes = this.or(depth);
    if (!this.take('if')) return yes;
    const test = this.or(depth);
    this.expect('else');
    return { kind: 'choice', test, yes, no: this.choice(depth + 1) };
  }

  private or(depth: number): Expression {
    return this.logic('or', () => this.logic('and', () => this.not(depth)));
  }

  private logic(operator: 'and' | 'or', operand: () => Expression): Expression {
    const operands = [operand()];
    while (this.take(operator)) operands.push(operand());
    return operands.length === 1 ? operands[0]! : { kind: 'logic', operator, operands };
  }

  private not(depth: number): Expression {
    if (depth > DEEPEST) throw syntax('the expression is nested too deeply');
    if (this.take('not')) return { kind: 'unary', operator: 'not', operand: this.not(depth + 1) };
    return this.comparison(depth);
  }

  private comparison(depth: number): Expression {
    const first = this.level(0, depth);
    const rest: [string, Expression][] = [];
    for (let operator = this.comparator(); operator !== undefined; operator = this.comparator()) {
      rest.push([operator, this.level(0, depth)]);
    }
    return rest.length === 0 ? first : { kind: 'compare', first, rest };
  }

  private comparator(): string | undefined {
    const { kind, text } = this.tokens[this.at]!;
    if (kind !== 'operator') return undefined;
    if (COMPARISONS.has(text) || text === 'in') {
      this.at++;
      return text;
    }
    if (text !== 'not' && text !== 'is') return undefined;
    const pair = `${text} ${text === 'not' ? 'in' : 'not'}`;
    if (this.tokens[this.at + 1]!.text === pair.split(' ')[1]) {
      this.at += 2;
      return pair;
    }
    if (text === 'not') return undefined;
    this.at++;
    return 'is';
  }

  private level(level: number, depth: number): Expression {
    if (level === LEVELS.length) return this.unary(depth);
    let left = this.level(level + 1, depth);
    for (;;) {
      const { kind, text } = this.tokens[this.at]!;
      if (kind !== 'operator' || !LEVELS[level]!.includes(text)) return left;
      this.at++;
      left = { kind: 'binary', operator: text, left, right: this.level(level + 1, depth) };
    }
  }

  private unary(depth: number): Expression {
    if (depth > DEEPEST) throw syntax('the expression is nested too deeply');
    for (const operator of ['-', '+', '~']) {
      if (this.take(operator)) return { kind: 'unary', operator, operand: this.unary(depth + 1) };
    }
    const base = this.trailer(depth);
    // To the right, and tighter than a sign before it.
    if (this.take('**')) return { kind: 'binary', operator: '**', left: base, right: this.unary(depth + 1) };
    return base;
  }

  private trailer(depth: number): Expression {
    let value = this.atom(depth);
    for (;;) {
      if (this.take('[')) {
        const index = this.choice(depth + 1);
        this.expect(']');
        value = { kind: 'item', of: value, index };
      } else if (this.take('(')) {
        if (value.kind !== 'name')
          throw new NodeFailure('simpleeval.FeatureNotAvailable', 'Lambda Functions not implemented');
        value = { kind: 'call', name: value.name, arguments: this.list(depth) };
      } else return value;
    }
  }

  private list(depth: number): Expression[] {
    const all: Expression[] = [];
    while (!this.take(')')) {
      all.push(this.choice(depth + 1));
      if (this.take(')')) break;
      this.expect(',');
    }
    return all;
  }

  private atom(depth: number): Expression {
    const { kind, text } = this.tokens[this.at]!;
    if (kind === 'number') {
      this.at++;
      return { kind: 'constant', value: number(text) };
    }
    if (kind === 'name') {
      this.at++;
      const constants: Record<string, Value> = { True: true, False: false, None: null };
      return Object.hasOwn(constants, text)
        ? { kind: 'constant', value: constants[text]! }
        : { kind: 'name', name: text };
    }
    this.expect('(');
    const inner = this.choice(depth + 1);
    this.expect(')');
    return inner;
  }

  private take(text: string): boolean {
    const token = this.tokens[this.at]!;
    if (token.kind !== 'operator' || token.text !== text) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) throw syntax('invalid syntax');
  }
}

function number(text: string): bigint | number {
  const plain = text.replaceAll('_', '');
  if (/^0[xXbBoO]/.test(plain)) return BigInt(plain);
  if (!/^\d+$/.test(plain)) return Number(plain);
  if (/^0\d/.test(plain) && !/^0+$/.test(plain)) {
    throw syntax('leading zeros in decimal integer literals are not permitted');
  }
  return BigInt(plain);
}
