import { type ErrorRow, row } from './error-row.ts';

/** Errors of the repository, its refs and its history: part of the one table of errors. */
export const REPO_ERRORS = {
  // repository: messages, notes, refs and objects
  MESSAGE_INVALID: row(
    'invalid',
    (d) => `commit message: ${d.reason}`,
    () => 'Give a subject of one line; a body is text without NUL characters.',
  ),
  NOTE_TARGET_MISSING: row(
    'not-found',
    (d) => `no object ${d.oid} to put a note on`,
    () => 'Name a commit that exists; see `cwf log`.',
  ),
  REPO_NOT_FOUND: row(
    'not-found',
    (d) => `${d.dir}: not in a repository`,
    () => 'Make one with `cwf init`, or go to a folder inside one.',
  ),
  REV_NOT_FOUND: row(
    'not-found',
    (d) => `no revision ${d.rev}`,
    (d) =>
      d.rev === 'HEAD' || d.rev === '@'
        ? 'There is no commit yet; make one with `cwf commit`.'
        : 'Name a branch, a tag, HEAD~2 or the beginning of a commit id; see `cwf log`.',
  ),
  REV_AMBIGUOUS: row(
    'not-found',
    (d) => `${d.rev} names more than one object: ${d.known}`,
    () => 'Give more digits of the commit id.',
  ),
  REF_INVALID: row(
    'invalid',
    (d) => `${JSON.stringify(d.ref)} is not a name for a branch or tag: ${d.reason}`,
    () => 'Choose another name.',
  ),
  REF_CONFLICT: row(
    'conflict',
    (d) => `${d.ref} cannot stand beside ${d.other}`,
    () =>
      'Names that differ only in case, or lie one inside the other, are one file on some disks: choose another name.',
  ),
  REPO_READ_ONLY: row(
    'failed',
    (d) => `${d.dir} cannot be written`,
    () => 'Check the permissions of the repository.',
  ),
  STORAGE_FAILED: row(
    'failed',
    (d) => `${d.path}: cannot be written: ${d.reason}`,
    () => 'Check the disk, then run the command again; nothing half done is left.',
  ),
  REPO_UNSUPPORTED: row(
    'config',
    (d) => `${d.dir}: ${d.reason}`,
    () => 'Use an ordinary repository with a working tree, SHA-1 objects and files for refs.',
  ),
  WORKTREE_CHANGED: row(
    'conflict',
    (d) => `${d.file} was changed meanwhile`,
    () => 'Commit or save that change first, then run the command again.',
  ),
  OPERATION_NOT_FOUND: row(
    'not-found',
    (d) => `no operation ${d.operation}`,
    () => 'See `cwf op log`.',
  ),
  NOT_A_COMMIT: row(
    'invalid',
    (d) => `${d.rev} is a ${d.type}, not a commit`,
    () => 'Name a commit, a branch or a tag.',
  ),
  PATH_INVALID: row(
    'invalid',
    (d) => `${JSON.stringify(d.file)} cannot be a path in a repository: ${d.reason}`,
    () => 'Rename the file or folder.',
  ),
  REF_EXISTS: row(
    'conflict',
    (d) => `${d.ref} exists already`,
    () => 'Choose another name, or delete the old one first.',
  ),
  BRANCH_IN_USE: row(
    'conflict',
    (d) => `${d.ref} is the branch you are on`,
    () => 'Go to another one first with `cwf switch`.',
  ),
  BRANCH_NOT_MERGED: row(
    'conflict',
    (d) => `${d.ref} has commits that are not on this branch`,
    () => 'Merge it, or delete it all the same with -D (`cwf undo` brings it back).',
  ),
  NOT_FAST_FORWARD: row(
    'conflict',
    (d) => `this branch has commits that ${d.rev} has not`,
    () => 'Merge without --ff-only.',
  ),
  MAINLINE_NEEDED: row(
    'usage',
    (d) => `${d.rev} is a merge: it has more than one parent`,
    () => 'Say with -m 1 which parent counts as what was before it.',
  ),
  BISECT_NONE: row(
    'failed',
    () => 'no bisection is under way',
    () => 'Begin one with `cwf bisect start <bad> <good>`.',
  ),
  BISECT_WAITING: row(
    'failed',
    (d) => `the bisection still needs ${d.missing}`,
    () => 'Mark one with `cwf bisect bad <rev>` and at least one with `cwf bisect good <rev>`.',
  ),
  BISECT_SAME: row(
    'failed',
    (d) => `${d.rev} cannot be good and bad at once`,
    () => 'Name a good commit that is older than the bad one.',
  ),
  BISECT_ORDER: row(
    'failed',
    (d) => `${d.base} is bad, and the good ${d.good} is not older than the bad ${d.bad}`,
    () => 'What you look for was mended between the two: swap good and bad.',
  ),
  BISECT_ROOT: row(
    'failed',
    (d) => `${d.rev} is the first commit: there is nothing before it to compare with`,
    () => 'Choose a commit that changed a workflow.',
  ),
  BISECT_LIMIT: row(
    'invalid',
    (d) => `${d.commit} is called ${d.verdict} and has ${d.value}`,
    () => 'Choose a limit between the two ends (see `cwf log --metric`), or begin with other commits.',
  ),
  BISECT_REFERENCE: row(
    'failed',
    (d) => `${d.file} of the good commit ${d.commit} gives no picture to compare with: ${d.reason}`,
    () => 'Make that commit run first, or name another good one; --metric needs no picture to compare with.',
  ),
  BISECT_COMMAND: row(
    'failed',
    (d) => `${d.command}: ${d.reason}`,
    () => 'Exit with 0 for good, 1 to 127 for bad, 125 for "cannot tell"; the bisection goes on with `cwf bisect run`.',
  ),
  NOTHING_TO_UNDO: row(
    'failed',
    (d) => `there is nothing to ${d.what}`,
    () => 'See `cwf op log`.',
  ),
  REF_STALE: row(
    'conflict',
    (d) => `${d.ref} was moved by another writer`,
    () => 'Run the command again.',
  ),
  REF_LOCKED: row(
    'conflict',
    (d) => `${d.ref} is locked by ${d.owner ?? 'another process'} (${d.lock}, ${d.age ?? '?'} s old)`,
    (d) =>
      d.owner === 'git'
        ? 'Wait for git; when nothing of git is running here, delete the lock file.'
        : 'Wait for the other command; if it is gone, `cwf fsck --repair` removes what a dead process left.',
  ),
  REF_CORRUPT: row(
    'corrupt',
    (d) => `${d.ref}: the ref file holds ${d.found}, not an object id`,
    () => 'Run `cwf fsck --repair`: it restores the last value of the reflog.',
  ),
  OBJECT_CORRUPT: row(
    'corrupt',
    (d) => `object ${d.oid} is damaged: ${d.reason}`,
    () => 'Run `cwf fsck --repair`, or fetch the object from a remote.',
  ),
} as const satisfies Record<string, ErrorRow>;
