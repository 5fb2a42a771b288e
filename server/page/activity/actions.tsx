import type { FileChange, Operation, RefChange } from '../../../src/io/repo/types.ts';
import type { LoggedOperation, OpRestoreOutput } from '../../../src/porcelain/op.ts';
import type { UndoOutput } from '../../../src/porcelain/undo.ts';
import type { Action } from '../parts/action-dialog.tsx';
import { placeWords, refWords } from './words.ts';

/** Taking back one operation; of an undo that is doing again what it took back. */
export function undoing(operation: Operation): Action<UndoOutput> {
  const isAgain = operation.undoes !== undefined;
  const name = `${operation.command} ${operation.id.slice(0, 8)}`;
  return {
    title: isAgain ? `Take back ${name}, and so do again what it took back` : `Undo ${name}`,
    path: 'undo',
    body: { operation: operation.id },
    button: isAgain ? 'Do it again' : 'Undo',
    preview: ({ operation: { refs, files } }) => <PutBack refs={refs.map(inverse)} files={files.map(fileBack)} />,
    done: () => `Took back ${name}.`,
  };
}

/** Doing again what was taken back last. */
export function redoing(operation: Operation): Action<UndoOutput> {
  const name = `${operation.command} ${operation.id.slice(0, 8)}`;
  return {
    title: `Redo ${name}`,
    path: 'redo',
    body: {},
    button: 'Redo',
    preview: ({ operation: { refs, files } }) => (
      <PutBack refs={refs} files={files.map(({ path, after }) => [path, after === null ? 'removed' : 'written'])} />
    ),
    done: () => `Did ${name} again.`,
  };
}

/** Going back to how everything was right after an operation. */
export function restoring(operation: LoggedOperation): Action<OpRestoreOutput> {
  const name = `${operation.command} ${operation.id.slice(0, 8)}`;
  return {
    title: `Go back to how it was after ${name}`,
    path: 'op/restore',
    body: { operation: operation.id },
    button: 'Go back',
    preview: ({ refs, files }) =>
      refs.length + files.length === 0 ? (
        <p>Everything is as it was then.</p>
      ) : (
        <>
          <p>What came later is taken back in one step, which can be undone.</p>
          <PutBack refs={refs} files={files.map((path) => [path, 'put back'])} />
        </>
      ),
    done: () => `Went back to ${name}.`,
  };
}

function PutBack({
  refs,
  files,
}: {
  readonly refs: readonly RefChange[];
  readonly files: readonly (readonly [path: string, what: string])[];
}) {
  return (
    <table class="moves">
      <caption class="hidden">What changes</caption>
      <tbody>
        {refs.map(({ ref, old, new: now }) => (
          <tr key={ref}>
            <th scope="row">
              <span class="quiet">{refWords(ref).kind}</span> {refWords(ref).name}
            </th>
            <td>
              <code>{placeWords(old)}</code> → <code>{placeWords(now)}</code>
            </td>
          </tr>
        ))}
        {files.map(([path, what]) => (
          <tr key={path}>
            <th scope="row">
              <span class="quiet">file</span> {path}
            </th>
            <td>{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inverse({ ref, old, new: now }: RefChange): RefChange {
  return { ref, old: now, new: old };
}

function fileBack({ path, before }: FileChange): readonly [string, string] {
  return [path, before === null ? 'removed' : 'put back'];
}
