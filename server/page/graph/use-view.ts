import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** What is seen of a drawing: its point 0, 0 lies at `x`, `y` of the window, and a pixel of it is `scale` pixels. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const LEAST = 0.08;
const MOST = 3;
/** What stays free around a drawing that is fitted. */
const MARGIN = 24;

/** The view in which all of a drawing is seen, and no larger than it is. */
export function fitted(drawing: Size, window: Size): Viewport {
  const scale = clamp(
    Math.min(
      1.1,
      (window.width - 2 * MARGIN) / Math.max(1, drawing.width),
      (window.height - 2 * MARGIN) / Math.max(1, drawing.height),
    ),
  );
  return {
    x: (window.width - drawing.width * scale) / 2,
    y: Math.max(MARGIN, (window.height - drawing.height * scale) / 2),
    scale,
  };
}

/** A view enlarged by a factor around a point of the window, which stays where it is. */
export function zoomed(view: Viewport, factor: number, at: { readonly x: number; readonly y: number }): Viewport {
  const scale = clamp(view.scale * factor);
  const real = scale / view.scale;
  return { x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real, scale };
}

/** A view that has a rectangle of the drawing in its middle, large enough to be read. */
export function centred(
  view: Viewport,
  { x, y, w, h }: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  window: Size,
): Viewport {
  const scale = Math.max(view.scale, 0.7);
  return { x: window.width / 2 - (x + w / 2) * scale, y: window.height / 2 - (y + h / 2) * scale, scale };
}

/** A view in which a rectangle of the drawing is seen: the one there is, where it is. */
export function showing(
  view: Viewport,
  rect: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  window: Size,
): Viewport {
  const [left, top] = [view.x + rect.x * view.scale, view.y + rect.y * view.scale];
  const isSeen =
    left >= 0 &&
    top >= 0 &&
    left + Math.min(rect.w * view.scale, 80) <= window.width &&
    top + Math.min(rect.h * view.scale, 40) <= window.height;
  return isSeen ? view : centred(view, rect, window);
}

/** The size of an element, as it changes. */
export function useSize(element: RefObject<Element | null>): Size | undefined {
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width, height });
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return size;
}

/** Lets a pointer drag a view about, and a wheel enlarge it around where the pointer is. */
export function usePointer(
  element: RefObject<Element | null>,
  set: (change: (view: Viewport) => Viewport) => void,
): void {
  const latest = useRef(set);
  latest.current = set;
  useEffect(() => {
    const target = element.current as HTMLElement;
    let last: { readonly x: number; readonly y: number } | undefined;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { left, top } = target.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015));
      latest.current((view) => zoomed(view, factor, { x: event.clientX - left, y: event.clientY - top }));
    };
    const onDown = (event: PointerEvent): void => {
      if (event.button > 1) return;
      last = { x: event.clientX, y: event.clientY };
    };
    const onMove = (event: PointerEvent): void => {
      if (last === undefined) return;
      if (event.buttons === 0) {
        last = undefined;
        return;
      }
      const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
      last = { x: event.clientX, y: event.clientY };
      latest.current((view) => ({ ...view, x: view.x + dx, y: view.y + dy }));
    };
    const onUp = (): void => {
      last = undefined;
    };
    // Not passive: the page itself must not scroll.
    target.addEventListener('wheel', onWheel, { passive: false });
    target.addEventListener('pointerdown', onDown);
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onUp);
    return () => {
      target.removeEventListener('wheel', onWheel);
      target.removeEventListener('pointerdown', onDown);
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', onUp);
    };
  }, []);
}

function clamp(scale: number): number {
  return Math.min(MOST, Math.max(LEAST, scale));
}
