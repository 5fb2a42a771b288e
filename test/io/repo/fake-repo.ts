import type { FoldedCommit, ProjectionSource } from '../../../src/io/repo/projection-fold.ts';
import { encodeTree } from '../../../src/io/repo/tree-object.ts';
import { FakeStore } from './fake-store.ts';

/** Files of a commit: name -> content. */
export type Files = Record<string, string>;

/** A repository in memory that the projection can fold: refs, commits with flat trees, notes. */
export class FakeRepo extends FakeStore implements ProjectionSource {
  readonly cwfDir: string;
  private clock = 1_700_000_000;

  constructor(cwfDir: string) {
    super();
    this.cwfDir = cwfDir;
  }

  async head(): Promise<{ oid?: string }> {
    return { oid: this.refs.get('refs/heads/main') };
  }

  async listRefs(prefix: string): Promise<{ ref: string; oid: string }[]> {
    return [...this.refs].filter(([ref]) => ref.startsWith(prefix)).map(([ref, oid]) => ({ ref, oid }));
  }

  async readCommit(oid: string): Promise<FoldedCommit> {
    return parseCommit(oid, (await this.readObject(oid)).body);
  }

  async commit(parents: string[], files: Files, message: string): Promise<string> {
    const entries = await Promise.all(
      Object.entries(files).map(async ([name, text]) => ({
        mode: '100644',
        name,
        oid: await this.writeObject('blob', Buffer.from(text)),
      })),
    );
    const tree = await this.writeObject('tree', encodeTree(entries));
    // Dates go back and forth: nothing may depend on them.
    this.clock += (this.objects.size % 3) - 1;
    const who = `A <a@example.org> ${this.clock} +0000`;
    const head = [`tree ${tree}`, ...parents.map((p) => `parent ${p}`), `author ${who}`, `committer ${who}`];
    return this.writeObject('commit', Buffer.from(`${head.join('\n')}\n\n${message}`));
  }
}

/** Reads a commit object the plain way. */
export function parseCommit(oid: string, body: Buffer): FoldedCommit {
  const text = body.toString();
  const end = text.indexOf('\n\n');
  const head = text.slice(0, end).split('\n');
  const values = (key: string): string[] =>
    head.filter((l) => l.startsWith(`${key} `)).map((l) => l.slice(key.length + 1));
  const timestamp = Number(/(\d+) [+-]\d{4}$/.exec(values('committer')[0]!)![1]);
  return {
    oid,
    tree: values('tree')[0]!,
    parents: values('parent'),
    committer: { timestamp },
    message: text.slice(end + 2),
  };
}
