import { execFileSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import { bundleProgram } from './bundle.ts';

const IDENTITY = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' };

/** Runs real git in a folder and returns what it printed, trimmed. */
export function git(dir: string, ...args: string[]): string {
  const env = { ...process.env, ...IDENTITY };
  return execFileSync('git', ['-C', dir, ...args], {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  }).trim();
}

/** Gathers what a stream brings; the function returned gives the text so far. */
export function textOf(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/**
 * A process that commits in a loop through `repo.transaction`, one note with each commit, and prints the oid of every
 * commit the moment it is acknowledged. Arguments: folder, own name, number of commits.
 */
export function bundleWriter(dir: string): Promise<string> {
  return bundleProgram(
    dir,
    'writer',
    `import { openRepo } from './src/io/repo/repo.ts';
     const [dir, id, count] = process.argv.slice(2);
     const repo = await openRepo(dir);
     const who = () => ({ name: id, email: id + '@example.org', timestamp: Math.floor(Date.now() / 1000), offset: 0 });
     for (let n = 0; n < Number(count); ) {
       try {
         const oid = await repo.transaction({ command: 'commit', actor: 'tool/' + id }, async (tx) => {
           const head = await repo.head();
           const blob = await tx.writeBlob(Buffer.from(JSON.stringify({ id, n, pid: process.pid, text: 'x'.repeat(2000) }) + '\\n'));
           const base = head.oid === undefined ? undefined : (await repo.readCommit(head.oid)).tree;
           const tree = await tx.writeTree(base, new Map([[id + '.json', { mode: '100644', oid: blob }]]));
           const parents = head.oid === undefined ? [] : [head.oid];
           const oid = await tx.writeCommit({ tree, parents, message: id + ' ' + n + '\\n', author: who(), committer: who() });
           tx.setRef(head.branch, oid, head.oid ?? null);
           repo.notes('metrics').add(tx, oid, { metric: id, value: n });
           return oid;
         });
         process.stdout.write(oid + '\\n');
         n++;
       } catch (error) {
         if (error.code !== 'REF_STALE' && error.code !== 'REF_LOCKED') throw error;
         await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
       }
     }`,
  );
}
