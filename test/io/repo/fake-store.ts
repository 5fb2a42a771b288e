import { createHash } from 'node:crypto';

type Stored = { type: string; body: Buffer };

/** Git objects and refs in memory, with the interface that notes and the projection read and write through. */
export class FakeStore {
  readonly objects = new Map<string, Stored>();
  readonly refs = new Map<string, string>();
  reads = 0;

  async readRef(ref: string): Promise<string | undefined> {
    return this.refs.get(ref);
  }

  async readObject(oid: string): Promise<Stored> {
    this.reads++;
    const found = this.objects.get(oid);
    if (found === undefined) throw new Error(`no object ${oid}`);
    return found;
  }

  async hasObject(oid: string): Promise<boolean> {
    return this.objects.has(oid);
  }

  async writeObject(type: string, body: Buffer): Promise<string> {
    const oid = createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest('hex');
    this.objects.set(oid, { type, body });
    return oid;
  }

  async writeCommit(commit: { tree: string; parents: string[]; message: string }): Promise<string> {
    const who = 'A <a@example.org> 1700000000 +0000';
    const head = [
      `tree ${commit.tree}`,
      ...commit.parents.map((p) => `parent ${p}`),
      `author ${who}`,
      `committer ${who}`,
    ];
    return this.writeObject('commit', Buffer.from(`${head.join('\n')}\n\n${commit.message}`));
  }
}
