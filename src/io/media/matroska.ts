import { type MediaFile, readExactly } from './file.ts';
import { decodeText, type Fail, MEDIA_LIMITS } from './limits.ts';
import { checkLength, Tags } from './tags.ts';

/** Ids of RFC 8794 and RFC 9559, with their length markers. */
const ID = {
  header: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
} as const;

interface Element {
  readonly id: number;
  readonly from: number;
  /** Undefined where the writer did not know it: a stream that was written as it came. */
  readonly to: number | undefined;
}

/**
 * Reads the tags of a WebM or Matroska file (RFC 8794, RFC 9559 section 5.1.8), wherever they stand, up to the first
 * that hold a graph. Clusters are passed over; of those without a size the blocks are. Throws what `fail` makes.
 */
export function readMatroskaTexts(file: MediaFile, fail: Fail): Map<string, string> {
  const reader = new MatroskaReader(file, fail);
  reader.readFile();
  return reader.tags.texts();
}

/** The document type in the file's first bytes: `webm`, `matroska`, or what else is built of EBML. */
export function matroskaType(head: Buffer): string {
  const at = head.indexOf(Buffer.from([ID.docType >> 8, ID.docType & 0xff]));
  if (at < 0 || at + 3 > head.length) return '';
  const length = head[at + 2]! & 0x7f;
  return head.toString('latin1', at + 3, at + 3 + length).replace(/\0+$/, '');
}

class MatroskaReader {
  readonly tags = new Tags();
  private readonly file: MediaFile;
  private readonly fail: Fail;
  private count = 0;

  constructor(file: MediaFile, fail: Fail) {
    this.file = file;
    this.fail = fail;
  }

  readFile(): void {
    for (let at = 0; at < this.file.size; ) {
      const element = this.element(at, this.file.size);
      if (element.id === ID.segment) {
        this.readSegment(element.from, element.to ?? this.file.size);
        return;
      }
      at = this.end(element);
    }
    throw this.fail('it has no segment');
  }

  private readSegment(from: number, to: number): void {
    for (let at = from; at < to && !this.tags.hasGraph; ) {
      const element = this.element(at, to);
      if (element.id === ID.tags) this.readTags(element, 0);
      // What stands in a cluster of unknown size is passed over one by one; the next cluster ends it.
      at = element.id === ID.cluster && element.to === undefined ? element.from : this.end(element);
    }
  }

  /** Tags, each with simple tags, which may hold further ones. */
  private readTags(parent: Element, depth: number): void {
    if (depth > MEDIA_LIMITS.depth) throw this.fail(`its tags nest over ${MEDIA_LIMITS.depth} levels deep`);
    let name: string | undefined;
    let text: string | undefined;
    const to = this.end(parent);
    for (let at = parent.from; at < to; ) {
      const element = this.element(at, to);
      if (element.id === ID.tag || element.id === ID.simpleTag) this.readTags(element, depth + 1);
      if (element.id === ID.tagName) name = this.text('name of a tag', element);
      if (element.id === ID.tagString && (name === undefined || Tags.isWanted(name))) {
        text = this.text(name ?? 'tag', element);
      }
      at = this.end(element);
    }
    if (name !== undefined && text !== undefined) this.tags.add(name, text);
  }

  private text(name: string, element: Element): string {
    const length = this.end(element) - element.from;
    checkLength(name, length, this.fail);
    return decodeText(readExactly(this.file, element.from, length, this.fail)).replace(/\0+$/, '');
  }

  private end({ id, to }: Element): number {
    if (to === undefined) throw this.fail(`element ${id.toString(16)} has no size`);
    return to;
  }

  /** The header of the element at a place; it must end within its parent. */
  private element(at: number, parentEnd: number): Element {
    if (++this.count > MEDIA_LIMITS.elements) throw this.fail(`it has more than ${MEDIA_LIMITS.elements} elements`);
    const head = this.file.read(at, 12);
    const idLength = Math.clz32(head[0] ?? 0) - 23;
    if (idLength > 4) throw this.fail(`no element at byte ${at}`);
    const sizeLength = Math.clz32(head[idLength] ?? 0) - 23;
    if (idLength + 1 > head.length || idLength + Math.min(sizeLength, 8) > head.length) {
      throw this.fail(`it is cut off at byte ${at}`);
    }
    if (sizeLength > 8) throw this.fail(`no element at byte ${at}`);
    const id = head.readUIntBE(0, idLength);
    const from = at + idLength + sizeLength;
    const bits = head.subarray(idLength, idLength + sizeLength);
    let size = BigInt(bits[0]! & (0xff >> sizeLength));
    for (const byte of bits.subarray(1)) size = size * 256n + BigInt(byte);
    if (size === (1n << BigInt(7 * sizeLength)) - 1n) return { id, from, to: undefined };
    const to = from + Number(size);
    if (to > parentEnd) throw this.fail(`it is cut off in the element ${id.toString(16)} at byte ${at}`);
    return { id, from, to };
  }
}
