/**
 * Called before every step that changes the disk, with the step's name. Tests pass one that throws or kills at the
 * n-th step, to prove that a crash anywhere leaves the old state or the new one; in use there is none.
 */
export type Faults = (step: string) => void;
