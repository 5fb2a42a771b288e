/** One thing that is wrong, or looks wrong, in a repository. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  /** File or ref it is about; relative to the git directory. */
  readonly path?: string;
  readonly oid?: string;
  readonly message: string;
  readonly hint: string;
  /** What `repair` did about it; absent when nothing was done. */
  readonly repaired?: string;
}

const FINDINGS = {
  OBJECT_EMPTY: [
    'error',
    'The next commit of the same content writes it again; `cwf fsck --repair` takes the empty file away.',
  ],
  OBJECT_DAMAGED: [
    'error',
    '`cwf fsck --repair` sets the file aside; fetch the object from a remote, or commit the same content again.',
  ],
  OBJECT_MISSING: [
    'error',
    'Fetch it from a remote or a clone; `cwf log` and `cwf op log` tell what else still holds that state.',
  ],
  TREE_ENTRY: ['error', 'Do not check this tree out: it was made to write outside of the working tree.'],
  REF_DAMAGED: ['error', '`cwf fsck --repair` sets it back to the last complete value of its reflog.'],
  REF_TARGET: ['error', 'Point it at a commit: `git update-ref <ref> <commit>`, or delete it.'],
  REFLOG_DIFFERS: ['warning', 'Harmless: something moved the ref without writing its log.'],
  LOCK_DEAD: ['warning', '`cwf fsck --repair` removes it: the process that held it is gone.'],
  LOCK_FOREIGN: ['warning', 'Another program made it. When nothing of git is running here, delete the file.'],
  LEFT_OVER: ['warning', '`cwf fsck --repair` removes temporary files older than an hour.'],
  NOTE_TARGET: ['warning', 'The note is kept; its object is not here (never fetched, or pruned).'],
  JOURNAL_LINE: ['warning', 'A crash tore it while it was written: that operation was not acknowledged.'],
  INDEX_DIFFERS: ['warning', '`cwf fsck --repair` deletes the index; the next command builds it from git.'],
} as const satisfies Record<string, readonly ['error' | 'warning', string]>;

/** Stable names of what `cwf fsck` can find. */
export type FindingCode = keyof typeof FINDINGS;

/** Builds a finding: severity and hint come from the table. */
export function finding(
  code: FindingCode,
  message: string,
  where: { path?: string; oid?: string; repaired?: string } = {},
): Finding {
  const [severity, hint] = FINDINGS[code];
  return { code, severity, ...where, message, hint };
}
