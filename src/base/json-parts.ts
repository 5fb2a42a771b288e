import type { Json } from './json.ts';

/** An object or array of a document together with the text it was read from. */
export interface JsonPart {
  readonly text: string;
  readonly value: Json;
  /** Levels around it: the limit of levels was kept by it there. */
  readonly depth: number;
}

/** Parts of the earlier version that one place is compared with: so many neighbours may have changed at once. */
const REACH = 16;

/**
 * The parts of one version of a text, found while it is read, with those of the version before. Where the same text
 * stands the same value is meant: an object or array ends where its bracket closes, whatever follows.
 */
export class JsonParts {
  /** The parts of this version, in the order of the text. */
  readonly found: JsonPart[] = [];
  private readonly before: readonly JsonPart[];
  private next = 0;

  constructor(before: readonly JsonPart[]) {
    this.before = before;
  }

  /** The part that stands at a place of the new text as it stood in the old one; undefined when it must be read. */
  take(text: string, at: number, depth: number): JsonPart | undefined {
    const end = Math.min(this.next + REACH, this.before.length);
    for (let i = this.next; i < end; i++) {
      const part = this.before[i] as JsonPart;
      if (part.depth !== depth) continue;
      const now = text.slice(at, at + part.text.length);
      if (now !== part.text) continue;
      this.next = i + 1;
      this.add(now, part.value, depth);
      return part;
    }
    return undefined;
  }

  /** Notes a part of this version. Its text is to be a piece of the new text, so that the old one can go. */
  add(text: string, value: Json, depth: number): void {
    this.found.push({ text, value, depth });
  }
}
