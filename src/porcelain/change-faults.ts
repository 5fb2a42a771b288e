import type { Change } from './changes.ts';
import type { Context } from './context.ts';
import { type Brought, broughtFaults, refuseErrors } from './edit-findings.ts';

/** A fault that the change of a file brought. */
export interface ChangeFault extends Brought {
  readonly file: string;
}

/** The errors and warnings that changes bring: of each file those that it did not have before, of a new file all. */
export function changeFaults(ctx: Pick<Context, 'catalog'>, changes: readonly Change[]): ChangeFault[] {
  return changes.flatMap(({ file, before, after }) =>
    after ? broughtFaults(before, after, ctx.catalog, file).map((one) => ({ file, ...one })) : [],
  );
}

/** Throws EDIT_REFUSED where errors are among them. */
export function refuseFaults(faults: readonly ChangeFault[]): void {
  const errors = faults.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) refuseErrors(errors, [...new Set(errors.map(({ file }) => file))].join(', '));
}
