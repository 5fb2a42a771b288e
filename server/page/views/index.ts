import type { ComponentType } from 'preact';
import type { Route } from '../route.ts';

/** One view of the page. */
export interface View {
  /** Its name in addresses. */
  readonly name: string;
  /** What the navigation says; absent where it is reached from other views alone. */
  readonly label?: string;
  /** The view of the navigation that it is a part of. */
  readonly under?: string;
  /** Loaded when it is first looked at. */
  load(): Promise<{ readonly View: ComponentType<{ readonly route: Route }> }>;
}

/** All views; the first is where the page begins. */
export const VIEWS: readonly View[] = [
  { name: 'history', label: 'History', load: () => import('./history.tsx') },
  { name: 'compare', label: 'Compare', load: () => import('./compare.tsx') },
  { name: 'experiments', label: 'Experiments', load: () => import('./experiments.tsx') },
  { name: 'study', under: 'experiments', load: () => import('./study.tsx') },
  { name: 'rank', under: 'experiments', load: () => import('./rank.tsx') },
  { name: 'proposals', label: 'Proposals', load: () => import('./proposals.tsx') },
  { name: 'runs', label: 'Runs', load: () => import('./runs.tsx') },
  { name: 'merge', label: 'Merge', load: () => import('./merge.tsx') },
  { name: 'activity', label: 'Activity', load: () => import('./activity.tsx') },
];
