/** One colour of a picture and how many pixels have it. */
interface Entry {
  readonly rgb: readonly [number, number, number];
  readonly count: number;
}

/** A set of colours that becomes one colour of the palette, or was split in two. */
interface Box {
  readonly entries: readonly Entry[];
  readonly count: number;
  halves?: readonly [Box, Box];
}

/** Beyond this many colours the lowest bits are left away, one after the other. */
const MOST_COLOURS = 65536;
/** Weights of red, green and blue in the choice of the longest side. */
const WEIGHTS = [77, 150, 29] as const;

/**
 * The palette that Pillow's median cut makes of pixels of three bytes each: RGB triplets one after the other, at most
 * `colours` (Heckbert 1982; the order of ties as in src/libImaging/Quant.c).
 */
export function medianCut(pixels: Uint8Array, colours: number): Uint8Array {
  const { entries, shift } = countColours(pixels);
  const root: Box = { entries, count: pixels.length / 3 };
  const heap = new BoxHeap();
  heap.add(root);
  for (let boxes = 1; boxes < colours; boxes++) {
    let box = heap.remove();
    while (box !== undefined && box.entries.length === 1) box = heap.remove();
    if (box === undefined) break;
    box.halves = split(box);
    heap.add(box.halves[0]);
    heap.add(box.halves[1]);
  }
  const leaves = leavesOf(root).filter((box) => box.entries.length > 0);
  return averages(pixels, shift, leaves);
}

function countColours(pixels: Uint8Array): { entries: Entry[]; shift: number } {
  for (let shift = 0; ; shift++) {
    const counts = new Map<number, number>();
    for (let i = 0; i < pixels.length && counts.size <= MOST_COLOURS; i += 3) {
      const key = keyOf(pixels, i, shift);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    if (counts.size > MOST_COLOURS) continue;
    const entries = [...counts].map(
      ([key, count]): Entry => ({ rgb: [key >> 16, (key >> 8) & 0xff, key & 0xff], count }),
    );
    return { entries, shift };
  }
}

function keyOf(pixels: Uint8Array, at: number, shift: number): number {
  return ((pixels[at]! >> shift) << 16) | ((pixels[at + 1]! >> shift) << 8) | (pixels[at + 2]! >> shift);
}

/** Two halves along the longest side: the brighter half of the pixels with all of its last colour, and the rest. */
function split(box: Box): [Box, Box] {
  const spans = WEIGHTS.map((weight, axis) => {
    const values = box.entries.map(({ rgb }) => rgb[axis]!);
    return (values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))) * weight;
  });
  const axis = spans.indexOf(Math.max(...spans));
  const byValue = new Map<number, number>();
  for (const { rgb, count } of box.entries) byValue.set(rgb[axis]!, (byValue.get(rgb[axis]!) ?? 0) + count);
  const values = [...byValue.keys()].sort((a, b) => b - a);
  // Pillow stops at the pixel that passes the middle, and then takes what has that pixel's value.
  let sum = 0;
  let last = 0;
  while (last < values.length - 1) {
    sum += byValue.get(values[last]!)!;
    if (sum * 2 > box.count) break;
    last++;
  }
  // All in one half: the darkest value becomes the other.
  const least = values[Math.min(last, Math.max(0, values.length - 2))]!;
  const left = box.entries.filter(({ rgb }) => rgb[axis]! >= least);
  const right = box.entries.filter(({ rgb }) => rgb[axis]! < least);
  return [boxOf(left), boxOf(right)];
}

function boxOf(entries: readonly Entry[]): Box {
  return { entries, count: entries.reduce((sum, { count }) => sum + count, 0) };
}

function leavesOf(box: Box): Box[] {
  return box.halves ? [...leavesOf(box.halves[0]), ...leavesOf(box.halves[1])] : [box];
}

function averages(pixels: Uint8Array, shift: number, leaves: readonly Box[]): Uint8Array {
  const leafOf = new Map<number, number>();
  leaves.forEach((box, i) => {
    for (const { rgb } of box.entries) leafOf.set((rgb[0] << 16) | (rgb[1] << 8) | rgb[2], i);
  });
  const sums = new Float64Array(leaves.length * 3);
  const counts = new Float64Array(leaves.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const leaf = leafOf.get(keyOf(pixels, i, shift))!;
    counts[leaf]!++;
    for (let c = 0; c < 3; c++) sums[leaf * 3 + c]! += pixels[i + c]!;
  }
  return Uint8Array.from(sums, (sum, i) => Math.trunc(0.5 + sum / counts[Math.floor(i / 3)]!));
}

/** A heap with the box of most pixels on top; which of two equal boxes comes first decides palettes. */
class BoxHeap {
  private readonly boxes: Box[] = [];

  add(box: Box): void {
    let at = this.boxes.length + 1;
    this.boxes.push(box);
    while (at !== 1 && box.count > this.get(at >> 1).count) {
      this.boxes[at - 1] = this.get(at >> 1);
      at >>= 1;
    }
    this.boxes[at - 1] = box;
  }

  remove(): Box | undefined {
    const top = this.boxes[0];
    const last = this.boxes.pop();
    if (top === undefined || last === undefined || this.boxes.length === 0) return top;
    let at = 1;
    while (at * 2 <= this.boxes.length) {
      let child = at * 2;
      if (child < this.boxes.length && this.get(child).count < this.get(child + 1).count) child++;
      if (last.count > this.get(child).count) break;
      this.boxes[at - 1] = this.get(child);
      at = child;
    }
    this.boxes[at - 1] = last;
    return top;
  }

  private get(at: number): Box {
    return this.boxes[at - 1]!;
  }
}

/**
 * Pixels with the colours of a palette. Pillow looks up colours by their upper six bits: what counts is the distance
 * from there (src/libImaging/Palette.c). `dither`: errors go to the neighbours after Floyd and Steinberg.
 */
export function mapToPalette(pixels: Uint8Array, width: number, palette: Uint8Array, dither: boolean): Uint8Array {
  const cache = new Int16Array(64 * 64 * 64).fill(-1);
  const nearest = (r: number, g: number, b: number): number => {
    const slot = ((r >> 2) << 12) | ((g >> 2) << 6) | (b >> 2);
    if (cache[slot]! < 0) cache[slot] = closest(palette, r & 0xfc, g & 0xfc, b & 0xfc);
    return cache[slot]!;
  };
  const out = new Uint8Array(pixels.length);
  if (dither) return diffuse(pixels, width, palette, nearest, out);
  for (let i = 0; i < pixels.length; i += 3) {
    const entry = nearest(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!) * 3;
    out.set(palette.subarray(entry, entry + 3), i);
  }
  return out;
}

function closest(palette: Uint8Array, r: number, g: number, b: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < palette.length; i += 3) {
    const distance = (palette[i]! - r) ** 2 + (palette[i + 1]! - g) ** 2 + (palette[i + 2]! - b) ** 2;
    if (distance >= least) continue;
    least = distance;
    best = i / 3;
  }
  return best;
}

/** Errors in sixteenths: 7 to the right, 3, 5 and 1 below (src/libImaging/Convert.c); the blue ones end each row. */
function diffuse(
  pixels: Uint8Array,
  width: number,
  palette: Uint8Array,
  nearest: (r: number, g: number, b: number) => number,
  out: Uint8Array,
): Uint8Array {
  const below = new Int32Array((width + 1) * 3);
  const right = new Int32Array(3);
  const fallen = new Int32Array(3);
  const seen = new Int32Array(3);
  const value = new Int32Array(3);
  for (let row = 0; row < pixels.length; row += width * 3) {
    right.fill(0);
    fallen.fill(0);
    seen.fill(0);
    for (let x = 0; x < width * 3; x += 3) {
      for (let c = 0; c < 3; c++) {
        const told = pixels[row + x + c]! + Math.trunc((right[c]! + below[x + 3 + c]!) / 16);
        value[c] = Math.min(255, Math.max(0, told));
      }
      const entry = nearest(value[0]!, value[1]!, value[2]!) * 3;
      for (let c = 0; c < 3; c++) {
        out[row + x + c] = palette[entry + c]!;
        const error = value[c]! - palette[entry + c]!;
        below[x + c] = error * 3 + fallen[c]!;
        fallen[c] = error * 5 + seen[c]!;
        seen[c] = error;
        right[c] = error * 7;
      }
    }
    below.set([fallen[2]!, seen[2]!, seen[2]!], width * 3);
  }
  return out;
}
