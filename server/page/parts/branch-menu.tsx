import { useEffect, useRef, useState } from 'preact/hooks';
import type { BranchOutput } from '../../../src/porcelain/branch.ts';
import type { SwitchOutput } from '../../../src/porcelain/switch.ts';
import { get, post } from '../api.ts';
import { useHead } from '../events.ts';
import { useLoad } from '../load.ts';
import { Dialog } from './dialog.tsx';
import { useKeys } from './keys.tsx';
import { say } from './say.tsx';
import { Shown, Trouble } from './shown.tsx';
import './branch-menu.css';

/** Branches that are listed at once; a part of a name finds the others. */
const MOST = 100;

/** The button that tells where HEAD is, and the dialog that goes elsewhere. */
export function BranchMenu({ where, folder }: { readonly where: string; readonly folder: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  useKeys({ b: { label: 'Go to another branch', run: () => setOpen(true) } });
  return (
    <>
      <button type="button" class="plain where" title={folder} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <span class="hidden">Branch: </span>
        {where} <span aria-hidden="true">▾</span>
      </button>
      <Dialog title="Branches" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Branches onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Branches({ onClose }: { readonly onClose: () => void }) {
  const head = useHead();
  const [part, setPart] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  // After the dialog, which puts the focus on its first button.
  useEffect(() => {
    const timer = setTimeout(() => field.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  const branches = useLoad((signal) => get<BranchOutput>('branch', {}, signal), []);
  const all = branches.value?.branches ?? [];
  const name = part.trim();
  const found = all.filter((one) => one.name.toLowerCase().includes(name.toLowerCase()));
  const isNew = name !== '' && branches.value !== undefined && !all.some((one) => one.name === name);
  const move = async (target: string, create: boolean): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const { files } = await post<SwitchOutput>('switch', { target, ...(create ? { create } : {}) }, { head });
      const changed =
        files.length === 0 ? '' : ` ${files.length} working ${files.length === 1 ? 'file' : 'files'} changed.`;
      say(`On branch ${target}.${changed}`);
      onClose();
    } catch (thrown) {
      setError(thrown);
      setBusy(false);
    }
  };
  return (
    <form
      class="branches"
      onSubmit={(event) => {
        event.preventDefault();
        const [only] = found;
        if (only !== undefined && found.length === 1) void move(only.name, false);
        else if (isNew && found.length === 0) void move(name, true);
      }}
    >
      {error !== undefined && <Trouble error={error} />}
      <input
        ref={field}
        value={part}
        aria-label="Part of a name, or a new one"
        placeholder="part of a name, or a new one"
        spellcheck={false}
        onInput={(event) => setPart(event.currentTarget.value)}
      />
      <Shown what="Branches" of={branches}>
        {() => (
          <ul>
            {found.slice(0, MOST).map(({ name: one, current, subject }) => (
              <li key={one}>
                <button
                  type="button"
                  class="plain"
                  disabled={isBusy || current}
                  aria-current={current ? 'true' : undefined}
                  onClick={() => void move(one, false)}
                >
                  <span aria-hidden="true">{current ? '●' : ''}</span>
                  <b>{one}</b>
                  <span class="quiet">{current ? 'you are here' : subject}</span>
                </button>
              </li>
            ))}
            {found.length > MOST && <li class="quiet">and {found.length - MOST} more</li>}
            {isNew && (
              <li>
                <button type="button" class="plain" disabled={isBusy} onClick={() => void move(name, true)}>
                  <span aria-hidden="true">+</span>
                  <b>{name}</b>
                  <span class="quiet">new branch from here</span>
                </button>
              </li>
            )}
          </ul>
        )}
      </Shown>
    </form>
  );
}
