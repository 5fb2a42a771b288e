import type { Oid } from '../io/repo/types.ts';
import type { Verdict } from '../plan/bisect/minimize.ts';

/** What a test said of the files at hand. */
export interface Judgement {
  readonly verdict: Verdict;
  /** How the command ended; only of commands. */
  readonly exit?: number;
  /** What was measured; only of measurements. */
  readonly value?: number;
  /** Why there is no value. */
  readonly reason?: string;
}

/** Tests the files in the working tree. */
export interface Judge {
  /** Looks at what is said to be bad and good before a search begins. Throws what shows that there is nothing to find. */
  begin(bad: Oid): Promise<void>;
  /** Tests a commit, which is checked out. Throws what ends the search. */
  commit(oid: Oid): Promise<Judgement>;
  /** Tests the files that stand for a part of the edits of a commit. The first time it is all of them, then none. */
  candidate(oid: Oid): Promise<Judgement>;
  close(): Promise<void>;
}
