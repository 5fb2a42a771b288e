import { execFileSync } from 'node:child_process';
import { git } from './worker.ts';

/** A commit of a made-up history: parents by their position before it, committer date in seconds. */
export interface DagCommit {
  readonly parents: readonly number[];
  readonly time: number;
}

/** Writes a history by one `git fast-import` and returns the oids; each commit also gets a branch `c<n>`. */
export function importDag(dir: string, commits: readonly DagCommit[]): string[] {
  const out: string[] = [];
  commits.forEach(({ parents, time }, n) => {
    const message = `c${n}`;
    out.push(`commit refs/heads/c${n}`, `mark :${n + 1}`);
    out.push(`committer A <a@example.org> ${time} +0000`, `data ${message.length}`, message);
    for (const [i, parent] of parents.entries()) out.push(`${i === 0 ? 'from' : 'merge'} :${parent + 1}`);
    if (parents.length === 0) out.push(`M 100644 inline a.json`, 'data 3', '{}\n');
    out.push('');
  });
  execFileSync('git', ['-C', dir, 'fast-import', '--quiet', '--force'], { input: out.join('\n') });
  const refs = git(dir, 'for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads/c*').split('\n');
  const byName = new Map(refs.map((line) => line.split(' ') as [string, string]));
  return commits.map((_, n) => byName.get(`c${n}`)!);
}

/** Positions a commit reaches, itself among them: the definition, by which faster code is judged. */
export function reached(commits: readonly DagCommit[], start: number): Set<number> {
  const seen = new Set([start]);
  for (const at of seen) for (const parent of commits[at]!.parents) seen.add(parent);
  return seen;
}
