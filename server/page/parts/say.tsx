import { useEffect, useState } from 'preact/hooks';

const listeners = new Set<(text: string) => void>();
const SHOWN_MS = 6000;

/** Tells what happened: shown for some seconds, and read out by screen readers. */
export function say(text: string): void {
  for (const listener of listeners) listener(text);
}

/** Where `say` is heard. */
export function LiveRegion() {
  const [text, setText] = useState('');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listener = (next: string): void => {
      setText(next);
      clearTimeout(timer);
      timer = setTimeout(() => setText(''), SHOWN_MS);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      clearTimeout(timer);
    };
  }, []);
  return (
    <div class={text === '' ? 'said' : 'said is-shown'} role="status" aria-live="polite">
      {text}
    </div>
  );
}
