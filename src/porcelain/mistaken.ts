import { CwfError, isCwfError } from '../base/errors.ts';

/** A revision that was looked up, or, when there is none of that name, the error with the hint for what was meant. */
export async function orHint<T>(found: Promise<T>, hint: string | false): Promise<T> {
  try {
    return await found;
  } catch (error) {
    if (hint === false || !isCwfError(error, 'REV_NOT_FOUND')) throw error;
    throw new CwfError(error.code, error.data, { cause: error, hint });
  }
}
