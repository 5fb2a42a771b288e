import type { ChangeFault } from '../../../src/porcelain/change-faults.ts';

/** What the validator finds in a result that was not there before. */
export function Faults({ faults }: { readonly faults: readonly ChangeFault[] }) {
  if (faults.length === 0)
    return (
      <p>
        <span class="badge added">✓ valid</span> No error or warning that was not there before.
      </p>
    );
  return (
    <ul class="faults">
      {faults.map(({ file, code, severity, text }) => (
        <li key={`${file} ${code} ${text}`}>
          <span class={severity === 'error' ? 'badge removed' : 'badge changed'}>
            {severity === 'error' ? '✕ error' : '! warning'}
          </span>{' '}
          {file}: {text}
        </li>
      ))}
    </ul>
  );
}

/** How many of them are errors. */
export function errorsIn(faults: readonly ChangeFault[]): number {
  return faults.filter(({ severity }) => severity === 'error').length;
}

/** Lets somebody who saw the errors go on nevertheless; nothing where there are none. */
export function Nevertheless({
  errors,
  isChecked,
  onChange,
}: {
  readonly errors: number;
  readonly isChecked: boolean;
  readonly onChange: (isChecked: boolean) => void;
}) {
  if (errors === 0) return null;
  return (
    <label class="row nevertheless">
      <input type="checkbox" checked={isChecked} onChange={(event) => onChange(event.currentTarget.checked)} />
      Commit it with {errors === 1 ? 'this error' : `these ${errors} errors`}
    </label>
  );
}
