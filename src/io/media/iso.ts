import { type MediaFile, readExactly } from './file.ts';
import { decodeText, type Fail, MEDIA_LIMITS } from './limits.ts';
import { checkLength, Tags } from './tags.ts';

/** One box: its type and where its content stands. */
interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

const UTF8 = 1;
/** Copyright sign, 0xa9: QuickTime's prefix of texts that a person reads. */
const COMMENT = '\xa9cmt';

/**
 * Reads the texts of an MP4 or QuickTime file (ISO/IEC 14496-12): under their names where ffmpeg writes them with
 * `use_metadata_tags`, as ComfyUI does (`moov/udta/meta` or `moov/meta` with `keys` and `ilst`), or as comment (iTunes
 * `ilst`, QuickTime `udta`). Media data and sample tables are passed over, not read. Throws what `fail` makes.
 */
export function readIsoTexts(file: MediaFile, fail: Fail): Map<string, string> {
  const reader = new IsoReader(file, fail);
  reader.readFile();
  return reader.tags.texts();
}

class IsoReader {
  readonly tags = new Tags();
  private readonly file: MediaFile;
  private readonly fail: Fail;
  private count = 0;

  constructor(file: MediaFile, fail: Fail) {
    this.file = file;
    this.fail = fail;
  }

  readFile(): void {
    for (const moov of this.boxes(0, this.file.size, 'moov')) {
      for (const box of this.boxes(moov.from, moov.to)) {
        if (box.type === 'meta') this.readMeta(box);
        if (box.type === 'udta') this.readUserData(box);
      }
    }
  }

  /** The boxes between two places; with `only`, those of one type. */
  private *boxes(from: number, to: number, only?: string): Generator<Box> {
    for (let at = from; at < to; ) {
      if (++this.count > MEDIA_LIMITS.elements) throw this.fail(`it has more than ${MEDIA_LIMITS.elements} boxes`);
      // QuickTime ends a list of user data with four zero bytes.
      if (to - at < 8 && only === undefined) return;
      const head = readExactly(this.file, at, 8, this.fail);
      const type = head.toString('latin1', 4, 8);
      let length: number = head.readUInt32BE(0);
      let start = at + 8;
      if (length === 1) {
        // Beyond 2^53 it is longer than any file.
        length = Number(readExactly(this.file, at + 8, 8, this.fail).readBigUInt64BE());
        start = at + 16;
      } else if (length === 0) length = to - at;
      if (length < start - at) throw this.fail(`no box at byte ${at}`);
      if (at + length > to) throw this.fail(`it is cut off in the ${shown(type)} box at byte ${at}`);
      if (only === undefined || type === only) yield { type, from: start, to: at + length };
      at += length;
    }
  }

  private readUserData(udta: Box): void {
    for (const box of this.boxes(udta.from, udta.to)) {
      if (box.type === 'meta') this.readMeta(box);
      if (box.type === COMMENT) this.readQuickTimeText(box);
    }
  }

  private readMeta({ from, to }: Box): void {
    // ISO gives the box a version; QuickTime does not.
    const isPlain = to - from >= 8 && readExactly(this.file, from + 4, 4, this.fail).toString('latin1') === 'hdlr';
    let keys: readonly string[] = [];
    for (const box of this.boxes(isPlain ? from : from + 4, to)) {
      if (box.type === 'keys') keys = this.readKeys(box);
      if (box.type === 'ilst') this.readItems(box, keys);
    }
  }

  /** The names that items refer to by number. */
  private readKeys({ from, to }: Box): string[] {
    checkLength('keys', to - from, this.fail);
    const bytes = readExactly(this.file, from, to - from, this.fail);
    const keys: string[] = [];
    for (let at = 8; at + 8 <= bytes.length; ) {
      const length = bytes.readUInt32BE(at);
      if (length < 8 || at + length > bytes.length) throw this.fail('its list of keys is damaged');
      keys.push(decodeText(bytes.subarray(at + 8, at + length)));
      at += length;
    }
    return keys;
  }

  private readItems(ilst: Box, keys: readonly string[]): void {
    for (const item of this.boxes(ilst.from, ilst.to)) {
      if (item.type === COMMENT) this.readItem('comment', item);
      else if (item.type === '----') this.readItem(this.freeName(item), item);
      else {
        const name = keys[Buffer.from(item.type, 'latin1').readUInt32BE() - 1];
        // Apple's names are dotted; ffmpeg takes what it is given.
        if (name !== undefined) this.readItem(name.replace(/^com\.apple\.quicktime\./, ''), item);
      }
    }
  }

  /** A free item has its name in a box of its own. */
  private freeName(item: Box): string {
    for (const { from, to } of this.boxes(item.from, item.to, 'name')) {
      checkLength('name', to - from, this.fail);
      return decodeText(readExactly(this.file, from, to - from, this.fail).subarray(4));
    }
    return '';
  }

  private readItem(name: string, item: Box): void {
    if (!Tags.isWanted(name)) return;
    for (const { from, to } of this.boxes(item.from, item.to, 'data')) {
      checkLength(name, to - from, this.fail);
      const bytes = readExactly(this.file, from, to - from, this.fail);
      if (bytes.length >= 8 && (bytes.readUInt32BE(0) & 0xffffff) === UTF8) {
        this.tags.add(name, decodeText(bytes.subarray(8)));
      }
    }
  }

  /** Texts by language, each with a length of 16 bits, over which ffmpeg writes longer ones all the same. */
  private readQuickTimeText({ from, to }: Box): void {
    checkLength('comment', to - from, this.fail);
    const bytes = readExactly(this.file, from, to - from, this.fail);
    if (bytes.length < 4) return;
    const length = bytes.readUInt16BE(0);
    const isWhole = ((bytes.length - 4) & 0xffff) === length;
    this.tags.add('comment', decodeText(bytes.subarray(4, isWhole ? undefined : 4 + length)));
  }
}

function shown(type: string): string {
  return /^[\x20-\x7e]{4}$/.test(type) ? type : 'unnamed';
}
