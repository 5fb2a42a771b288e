const MASK = (1n << 64n) - 1n;
/** How CPython looks for a free place in a set: neighbours first, then by the rest of the hash. */
const LINEAR_PROBES = 9;
const PERTURB_SHIFT = 5n;
const MIN_SIZE = 8;

/**
 * A set of texts whose members come in the order of a CPython set (3.11 and later) with PYTHONHASHSEED=0. Where the
 * answer of a server depends on that order, servers differ from start to start; cwf answers as one with that seed.
 * Source of the algorithm: `Objects/setobject.c` and PEP 456.
 */
class PySet {
  private table: (Entry | undefined)[] = Array(MIN_SIZE).fill(undefined);
  private used = 0;

  /** The members in the order of the table. */
  members(): string[] {
    return this.entries().map(({ text }) => text);
  }

  /** `set.add` */
  add(text: string): void {
    this.addEntry({ text, hash: hashOf(text) });
  }

  /** `set(dict)`, `set.update(dict)`: room is made for all keys at once. */
  addKeys(keys: readonly string[]): void {
    this.makeRoom(keys.length);
    for (const key of keys) this.add(key);
  }

  /** `set.union`: as a new set. */
  union(other: PySet): PySet {
    const result = new PySet();
    result.merge(this);
    result.merge(other);
    return result;
  }

  private merge(other: PySet): void {
    if (other.used === 0) return;
    this.makeRoom(other.used);
    if (this.used === 0 && this.table.length === other.table.length) {
      this.table = [...other.table];
      this.used = other.used;
    } else for (const entry of other.entries()) this.addEntry(entry);
  }

  private entries(): Entry[] {
    return this.table.filter((entry) => entry !== undefined);
  }

  private addEntry(entry: Entry): void {
    const at = place(this.table, entry);
    if (this.table[at]) return;
    this.table[at] = entry;
    this.used++;
    if (this.used * 5 >= (this.table.length - 1) * 3) this.resize(this.used > 50_000 ? this.used * 2 : this.used * 4);
  }

  private makeRoom(count: number): void {
    if ((this.used + count) * 5 >= (this.table.length - 1) * 3) this.resize((this.used + count) * 2);
  }

  private resize(least: number): void {
    let size = MIN_SIZE;
    while (size <= least) size *= 2;
    const entries = this.entries();
    this.table = Array(size).fill(undefined);
    for (const entry of entries) this.table[place(this.table, entry)] = entry;
  }
}

/** Above it a prompt made to collide would cost more than the order is worth. */
const MAX_ORDERED = 1000;

/** Texts, each once, in the order of a set they are added to one by one; of very many in the order given. */
export function setOrder(texts: readonly string[]): readonly string[] {
  if (texts.length > MAX_ORDERED) return texts;
  const set = new PySet();
  for (const text of texts) set.add(text);
  return set.members();
}

/** Keys of two dicts in the order of `set(a).union(set(b))`. */
export function unionOrder(a: readonly string[], b: readonly string[]): readonly string[] {
  const [x, y] = [new PySet(), new PySet()];
  x.addKeys(a);
  y.addKeys(b);
  return x.union(y).members();
}

interface Entry {
  readonly text: string;
  readonly hash: bigint;
}

/** The index of an equal member, or of the free place where one goes. */
function place(table: readonly (Entry | undefined)[], { text, hash }: Entry): number {
  const mask = BigInt(table.length - 1);
  let perturb = hash;
  let start = hash & mask;
  for (;;) {
    const first = Number(start);
    const last = first + LINEAR_PROBES < table.length ? first + LINEAR_PROBES : first;
    for (let at = first; at <= last; at++) {
      const entry = table[at];
      if (!entry || entry.text === text) return at;
    }
    perturb >>= PERTURB_SHIFT;
    start = (start * 5n + 1n + perturb) & mask;
  }
}

/** `hash(text)` with seed 0, as an unsigned number: SipHash-1-3 of the text as CPython stores it. */
function hashOf(text: string): bigint {
  if (text === '') return 0n;
  const hash = sipHash13(storedBytes(text));
  return hash === MASK ? MASK - 1n : hash;
}

/** One, two or four bytes a character, as its widest character needs. */
function storedBytes(text: string): Uint8Array {
  const codes = Array.from(text, (char) => char.codePointAt(0) as number);
  const widest = codes.reduce((a, b) => Math.max(a, b), 0);
  const width = widest < 0x100 ? 1 : widest < 0x10000 ? 2 : 4;
  const bytes = new Uint8Array(codes.length * width);
  for (const [at, code] of codes.entries()) {
    for (let byte = 0; byte < width; byte++) bytes[at * width + byte] = (code >>> (8 * byte)) & 0xff;
  }
  return bytes;
}

function sipHash13(bytes: Uint8Array): bigint {
  // The four constants of SipHash, with a key of zeros.
  let v: State = [0x736f6d6570736575n, 0x646f72616e646f6dn, 0x6c7967656e657261n, 0x7465646279746573n];
  const view = new DataView(bytes.buffer);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) v = absorb(v, view.getBigUint64(at, true));
  let rest = BigInt(bytes.length & 0xff) << 56n;
  for (let at = whole; at < bytes.length; at++) rest |= BigInt(bytes[at] as number) << BigInt(8 * (at - whole));
  v = absorb(v, rest);
  v = [v[0], v[1], v[2] ^ 0xffn, v[3]];
  for (let round = 0; round < 3; round++) v = sipRound(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

type State = readonly [bigint, bigint, bigint, bigint];

function absorb([a, b, c, d]: State, word: bigint): State {
  const [x, y, z, w] = sipRound([a, b, c, d ^ word]);
  return [x ^ word, y, z, w];
}

function sipRound(state: State): State {
  let [a, b, c, d] = state;
  a = (a + b) & MASK;
  b = rotate(b, 13n) ^ a;
  a = rotate(a, 32n);
  c = (c + d) & MASK;
  d = rotate(d, 16n) ^ c;
  a = (a + d) & MASK;
  d = rotate(d, 21n) ^ a;
  c = (c + b) & MASK;
  b = rotate(b, 17n) ^ c;
  c = rotate(c, 32n);
  return [a, b, c, d];
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}
