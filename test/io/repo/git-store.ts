import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { readPacked } from '../../../src/io/repo/packs.ts';
import type { FoldedCommit } from '../../../src/io/repo/projection-fold.ts';
import { parseCommit } from './fake-repo.ts';
import { FakeStore } from './fake-store.ts';

const ENV = {
  ...process.env,
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@b',
};

/** The same interface over a real repository in a temporary folder, with real git beside it. */
export class GitStore extends FakeStore {
  readonly dir = mkdtempSync(join(tmpdir(), 'cwf-store-'));
  readonly gitDir = join(this.dir, '.git');

  constructor() {
    super();
    this.git('init', '-q', '-b', 'main', '.');
  }

  git(...args: string[]): string {
    return execFileSync('git', ['-C', this.dir, ...args], {
      encoding: 'utf8',
      env: ENV,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    }).trim();
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  override async readRef(ref: string): Promise<string | undefined> {
    try {
      return readFileSync(join(this.gitDir, ref), 'utf8').trim();
    } catch {
      return this.git('for-each-ref', '--format=%(objectname)', ref) || undefined;
    }
  }

  override async readObject(oid: string): Promise<{ type: string; body: Buffer }> {
    const path = this.path(oid);
    if (!existsSync(path)) {
      const packed = await readPacked(this.gitDir, oid);
      if (packed === undefined) throw new Error(`no object ${oid}`);
      return packed;
    }
    const raw = inflateSync(readFileSync(path));
    const nul = raw.indexOf(0);
    return { type: raw.toString('latin1', 0, raw.indexOf(0x20)), body: raw.subarray(nul + 1) };
  }

  override async hasObject(oid: string): Promise<boolean> {
    return this.readObject(oid).then(
      () => true,
      () => false,
    );
  }

  override async writeObject(type: string, body: Buffer): Promise<string> {
    const raw = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
    const oid = createHash('sha1').update(raw).digest('hex');
    mkdirSync(dirname(this.path(oid)), { recursive: true });
    writeFileSync(this.path(oid), deflateSync(raw, { level: 1 }));
    return oid;
  }

  get cwfDir(): string {
    return join(this.gitDir, 'cwf');
  }

  async head(): Promise<{ oid?: string }> {
    return {
      oid: await this.readObject(this.git('rev-parse', 'HEAD')).then(
        () => this.git('rev-parse', 'HEAD'),
        () => undefined,
      ),
    };
  }

  async listRefs(prefix: string): Promise<{ ref: string; oid: string }[]> {
    const lines = this.git('for-each-ref', '--format=%(refname) %(objectname)', prefix).split('\n');
    return lines.filter(Boolean).map((line) => ({ ref: line.split(' ')[0]!, oid: line.split(' ')[1]! }));
  }

  async readCommit(oid: string): Promise<FoldedCommit> {
    return parseCommit(oid, (await this.readObject(oid)).body);
  }

  private path(oid: string): string {
    return join(this.gitDir, 'objects', oid.slice(0, 2), oid.slice(2));
  }
}
