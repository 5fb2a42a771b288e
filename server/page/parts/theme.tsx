import { useEffect, useState } from 'preact/hooks';

const KEY = 'cwf-theme';
type Theme = 'light' | 'dark';

/** Switches between light and dark; without a choice the system's holds. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(() => chosen() ?? ofSystem());
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="plain"
      aria-label={`Switch to ${other}`}
      title={`Switch to ${other}`}
      onClick={() => {
        localStorage.setItem(KEY, other);
        setTheme(other);
      }}
    >
      {theme === 'dark' ? '☀' : '☾'}
    </button>
  );
}

function chosen(): Theme | undefined {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}

function ofSystem(): Theme {
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
