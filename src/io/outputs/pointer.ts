import { isOutputId } from './place.ts';

/** What a pointer file says. */
export interface Pointer {
  readonly id: string;
  /** Bytes of the output. */
  readonly size: number;
}

/**
 * The text of a git-lfs pointer to an output: git stores these 130 bytes, and any git-lfs client knows what they mean
 * (git-lfs docs/spec.md, "The Pointer").
 */
export function pointerText({ id, size }: Pointer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${size}\n`;
}

/** Reads a pointer; undefined for a text that is none, such as one over the 1024 bytes of the specification. */
export function readPointer(text: string): Pointer | undefined {
  if (text.length >= 1024 || !/^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n/.test(text))
    return undefined;
  // Keys follow in order of the alphabet, extensions (`ext-0-...`) among them.
  const id = /\noid sha256:([0-9a-f]+)\n/.exec(text)?.[1] ?? '';
  const size = Number(/\nsize (0|[1-9]\d{0,15})(\n|$)/.exec(text)?.[1] ?? Number.NaN);
  return isOutputId(id) && Number.isSafeInteger(size) ? { id, size } : undefined;
}
