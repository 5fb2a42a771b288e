import { CwfError } from '../../base/errors.ts';

const RESERVED = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i;

/**
 * Checks a full ref name by git's rules (git-check-ref-format) and by those of the file systems it may be cloned to.
 * Throws REF_INVALID saying which rule it breaks. [RP-5]
 */
export function checkRefName(ref: string): void {
  const reason = refNameProblem(ref);
  if (reason) throw new CwfError('REF_INVALID', { ref, reason });
}

/** The full name of a branch or tag given by its short name; throws REF_INVALID. */
export function fullRefName(short: string, prefix: 'refs/heads/' | 'refs/tags/'): string {
  if (short.startsWith('-')) throw new CwfError('REF_INVALID', { ref: short, reason: 'it starts with -' });
  if (short === 'HEAD' || short === '@')
    throw new CwfError('REF_INVALID', { ref: short, reason: 'it means something else' });
  if (short.startsWith('refs/')) throw new CwfError('REF_INVALID', { ref: short, reason: 'it starts with refs/' });
  if (short === '') throw new CwfError('REF_INVALID', { ref: short, reason: 'it is empty' });
  // The reason is about the full name, the message shows what the user typed.
  const reason = refNameProblem(prefix + short);
  if (reason) throw new CwfError('REF_INVALID', { ref: short, reason });
  return prefix + short;
}

/** Why a full ref name is not allowed, or undefined. */
export function refNameProblem(ref: string): string | undefined {
  if (!ref.startsWith('refs/') || ref.split('/').length < 3) return 'it is not a full name below refs/';
  if (Buffer.byteLength(ref) > 1000) return 'it is over 1000 bytes';
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(ref)) return 'it has a space, a control character or one of ~^:?*[\\';
  if (ref.includes('..')) return 'it has two dots in a row';
  if (ref.includes('@{')) return 'it has @{';
  for (const part of ref.split('/')) {
    if (part === '') return 'a part of it is empty';
    if (part.startsWith('.')) return 'a part of it starts with a dot';
    if (part.endsWith('.lock')) return 'a part of it ends in .lock';
    if (part.endsWith('.')) return 'a part of it ends in a dot';
    if (Buffer.byteLength(part) > 200) return 'a part of it is over 200 bytes';
    if (RESERVED.test(part)) return `${part} is a reserved name on Windows`;
  }
  return undefined;
}
