/** Object id: 40 lower-case hex digits (SHA-1). */
export type Oid = string;

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** An object as it is stored, header taken off. */
export interface GitObject {
  readonly type: ObjectType;
  readonly body: Buffer;
}

/** Who and when: seconds since 1970, offset in minutes east of UTC. */
export interface Identity {
  readonly name: string;
  readonly email: string;
  readonly timestamp: number;
  readonly offset: number;
}

/** A commit object, parsed. */
export interface Commit {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Identity;
  readonly committer: Identity;
  readonly message: string;
}

/** One entry of a tree; modes as git writes them without leading zero (`100644`, `40000`, `120000`, `160000`). */
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: Oid;
}

/** A ref and the object it names. */
export interface Ref {
  readonly ref: string;
  readonly oid: Oid;
}

/** A ref as one operation moved it; null is "does not exist". `HEAD` holds `ref: <name>` or an oid. */
export interface RefChange {
  readonly ref: string;
  readonly old: string | null;
  readonly new: string | null;
}

/** A working file as one operation changed it: blobs of the bytes before and after; null is "no file". */
export interface FileChange {
  readonly path: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** One transaction on the repository, as the operation log keeps it. `time` in ms since 1970. */
export interface Operation {
  readonly id: string;
  readonly parent: string | null;
  readonly replica: string;
  readonly command: string;
  readonly actor: string;
  readonly time: number;
  readonly refs: readonly RefChange[];
  readonly files: readonly FileChange[];
  /** Id of the operation this one takes back (`undo`) or plays again (`redo`). */
  readonly undoes?: string;
  readonly redoes?: string;
}

/** Durable: fsync of objects, refs and journal (survives power loss). Normal: atomic renames only (survives kill -9). */
export type Durability = 'durable' | 'normal';
