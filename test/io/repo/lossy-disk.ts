import type * as Fs from 'node:fs';
import { dirname } from 'node:path';

/** A file whatever its names are: the bytes that a sync made safe. */
interface Inode {
  synced: Buffer;
  isDirty: boolean;
  /** Number and time as of the last call seen: another says that somebody else wrote since. */
  stamp: string;
  mtime: Date;
}

/** A name that changed and whose folder was not synced since. */
interface NameChange {
  readonly folder: string;
  readonly path: string;
  readonly to: Inode | null;
}

/** What a power cut leaves of what was not synced: whether a changed name survives, and how much of unsynced bytes. */
export interface Fate {
  keepsName(path: string): boolean;
  bytesOf(actual: Buffer, synced: Buffer): Buffer;
}

/**
 * Watches the calls of node:fs and knows what a power cut could take: bytes of files since their last sync, names since
 * the last sync of their folder. Locks, temporary files and git's index, which git does not sync either, are left out.
 */
export class LossyDisk {
  isOn = false;
  private names = new Map<string, Inode | null>();
  private durable = new Map<string, Inode | null>();
  private pending: NameChange[] = [];
  private readonly open = new Map<number, string>();
  private readonly real: typeof Fs;

  constructor(real: typeof Fs) {
    this.real = real;
  }

  /** From here on everything on the disk counts as safe. */
  start(): void {
    this.names = new Map();
    this.durable = new Map();
    this.pending = [];
    this.isOn = true;
  }

  /** node:fs with the calls that change the disk watched. */
  fs(): typeof Fs {
    const { real } = this;
    const own = {
      openSync: (path: string, flags: string, mode?: number) => {
        const inode = this.isOn && (flags ?? 'r') !== 'r' ? this.created(path) : undefined;
        const fd = real.openSync(path, flags, mode);
        this.open.set(fd, path);
        if (inode) this.written(inode, path);
        return fd;
      },
      writeSync: (fd: number, ...rest: unknown[]) => {
        const length = (real.writeSync as (...args: unknown[]) => number)(fd, ...rest);
        const path = this.open.get(fd)!;
        if (this.isOn) this.written(this.inode(path), path).isDirty = true;
        return length;
      },
      fsync: (fd: number, done: (cause: Error | null) => void) => {
        real.fsync(fd, (cause) => {
          if (!cause) this.synced(fd);
          done(cause);
        });
      },
      fsyncSync: (fd: number) => this.sync(fd),
      fdatasyncSync: (fd: number) => this.sync(fd),
      renameSync: (from: string, to: string) => {
        const inode = this.isOn ? this.inode(from) : null;
        if (this.isOn) this.inode(to);
        real.renameSync(from, to);
        if (this.isOn) {
          this.change(from, null);
          this.change(to, inode);
        }
      },
      unlinkSync: (path: string) => {
        if (this.isOn) this.inode(path);
        real.unlinkSync(path);
        if (this.isOn) this.change(path, null);
      },
      appendFileSync: (path: string, text: string) => {
        const inode = this.isOn ? this.created(path) : undefined;
        real.appendFileSync(path, text);
        if (inode) this.written(inode, path).isDirty = true;
      },
    };
    return { ...real, ...own } as unknown as typeof Fs;
  }

  /** Puts into `copy`, a copy of `root` as it is now, what a power cut would have left. */
  cut(root: string, copy: string, fate: Fate): void {
    const left = new Map(this.durable);
    for (const { path, to } of this.pending) {
      if (fate.keepsName(path)) left.set(path, to);
    }
    for (const [path, inode] of left) {
      if (!path.startsWith(`${root}/`) || /\/cwf\/(tmp|level)\/|\.lock$|\/\.git\/index$/.test(path)) continue;
      if (this.isOfOther(path)) continue;
      const target = copy + path.slice(root.length);
      this.real.rmSync(target, { force: true });
      if (inode === null) continue;
      this.real.mkdirSync(dirname(target), { recursive: true });
      this.real.writeFileSync(target, this.leftOf(inode, fate));
      this.real.utimesSync(target, inode.mtime, inode.mtime);
    }
  }

  /** Whether somebody else has written or removed the file since: then it counts as safe. */
  private isOfOther(path: string): boolean {
    const stat = this.real.statSync(path, { throwIfNoEntry: false });
    const inode = this.names.get(path);
    return (stat && stampOf(stat)) !== inode?.stamp;
  }

  private leftOf(inode: Inode, fate: Fate): Buffer {
    if (!inode.isDirty) return inode.synced;
    const name = [...this.names].find(([, one]) => one === inode)?.[0];
    const actual = name === undefined ? inode.synced : this.real.readFileSync(name);
    return fate.bytesOf(actual, inode.synced);
  }

  private written(inode: Inode, path: string): Inode {
    const stat = this.real.statSync(path);
    inode.stamp = stampOf(stat);
    inode.mtime = stat.mtime;
    return inode;
  }

  private sync(fd: number): void {
    this.real.fsyncSync(fd);
    this.synced(fd);
  }

  private synced(fd: number): void {
    const path = this.open.get(fd)!;
    if (!this.isOn) return;
    if (this.real.statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      for (const change of this.pending) if (change.folder === path) this.durable.set(change.path, change.to);
      this.pending = this.pending.filter(({ folder }) => folder !== path);
    } else {
      const inode = this.inode(path);
      inode.synced = this.real.readFileSync(path);
      inode.isDirty = false;
    }
  }

  private created(path: string): Inode {
    const isNew = !this.real.existsSync(path);
    const inode = this.inode(path);
    if (isNew) this.change(path, inode);
    return inode;
  }

  /** The file behind a name; what was there before the watch began is safe. */
  private inode(path: string): Inode {
    const known = this.names.get(path);
    if (known) return known;
    const isThere = known === undefined && this.real.existsSync(path);
    const synced = isThere ? this.real.readFileSync(path) : Buffer.alloc(0);
    const inode: Inode = { synced, isDirty: false, stamp: '', mtime: new Date(0) };
    if (isThere) {
      this.written(inode, path);
      this.names.set(path, inode);
      this.durable.set(path, inode);
    } else if (!this.durable.has(path)) this.durable.set(path, null);
    return inode;
  }

  private change(path: string, to: Inode | null): void {
    this.names.set(path, to);
    this.pending.push({ folder: dirname(path), path, to });
  }
}

function stampOf({ ino, mtimeMs }: Fs.Stats): string {
  return `${ino} ${mtimeMs}`;
}

/** What file systems have been seen to leave, worst first. */
export const FATES: Readonly<Record<string, () => Fate>> = {
  'nothing unsynced': () => ({ keepsName: () => false, bytesOf: (_actual, synced) => synced }),
  'names without bytes': () => ({ keepsName: () => true, bytesOf: (_actual, synced) => synced }),
  'half of the bytes': () => ({
    keepsName: () => true,
    bytesOf: (actual, synced) => actual.subarray(0, Math.max(synced.length, actual.length >> 1)),
  }),
  'zeros for bytes': () => ({
    keepsName: () => true,
    bytesOf: (actual, synced) =>
      Buffer.concat([actual.subarray(0, synced.length), Buffer.alloc(Math.max(0, actual.length - synced.length))]),
  }),
  ...Object.fromEntries(Array.from({ length: 6 }, (_, seed) => [`chance ${seed}`, () => byChance(seed + 1)])),
};

function byChance(seed: number): Fate {
  let state = seed;
  // Lehmer's generator, as in Park and Miller, "Random number generators: good ones are hard to find" (1988).
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return {
    keepsName: () => next() < 0.5,
    bytesOf: (actual, synced) => {
      const length = Math.max(synced.length, Math.floor(next() * (actual.length + 1)));
      return next() < 0.3 ? synced : actual.subarray(0, length);
    },
  };
}
