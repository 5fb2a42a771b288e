import type { InputPlace } from '../../core/workflow/effective.ts';
import type { NodePlace } from '../../core/workflow/scopes.ts';

/** A node, or one input of it. */
export interface Target extends NodePlace {
  readonly input?: string;
}

/** A set of places; an input is in it by itself, or with its whole node. */
export class Places {
  private readonly keys = new Set<string>();

  add(place: Target): void {
    this.keys.add(keyOf(place));
  }

  has({ scope, node, input }: Target): boolean {
    const place = { ...scopePart(scope), node };
    return this.keys.has(keyOf(place)) || (input !== undefined && this.keys.has(keyOf({ ...place, input })));
  }

  /** Whether an input is in it by itself. */
  hasInput(place: InputPlace): boolean {
    return this.keys.has(keyOf(place));
  }

  /** Whether anything of a node is in it. */
  touches(place: NodePlace): boolean {
    const start = keyOf(place);
    return [...this.keys].some((key) => key === start || key.startsWith(`${start}\n`));
  }
}

/** The same scope as part of a place: an absent one stays absent. */
export function scopePart(scope: string | undefined): { readonly scope?: string } {
  return scope === undefined ? {} : { scope };
}

/** One text for one place. */
export function keyOf({ scope, node, input }: Target): string {
  // JSON keeps line ends out of the parts.
  return `${JSON.stringify([scope ?? null, node])}${input === undefined ? '' : `\n${JSON.stringify(input)}`}`;
}
