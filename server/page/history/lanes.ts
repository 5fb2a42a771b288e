/** A commit as far as lanes go. */
export interface LaneCommit {
  readonly oid: string;
  readonly parents: readonly string[];
}

/** One line of a row: from a lane at its top edge to one at its bottom edge; null where it begins or ends at the dot. */
export interface LaneLine {
  readonly from: number | null;
  readonly to: number | null;
  /** Which strand of history it belongs to; strands are coloured. */
  readonly strand: number;
}

/** One row of the graph. */
export interface LaneRow {
  /** Lane of the dot. */
  readonly lane: number;
  readonly strand: number;
  readonly lines: readonly LaneLine[];
  /** Lanes in use, the dot's included. */
  readonly width: number;
}

/** A strand that waits for a commit in its lane. */
interface Waiting {
  readonly oid: string;
  readonly strand: number;
}

/**
 * Lays out commits in the order of a log, children before parents: each strand of first parents keeps its lane, others
 * join it where they meet. Rows are made as they are asked for, so pages that come later change nothing above them. A
 * parent that the log told of before its child, as wrong clocks make it, has no line.
 */
export class Lanes {
  readonly rows: LaneRow[] = [];
  private lanes: (Waiting | undefined)[] = [];
  private readonly told = new Set<string>();
  private strands = 0;

  /** Lays out the next commits. */
  add(commits: readonly LaneCommit[]): void {
    for (const commit of commits) this.rows.push(this.row(commit));
  }

  private row({ oid, parents }: LaneCommit): LaneRow {
    const before = [...this.lanes];
    this.told.add(oid);
    const here = before.flatMap((waiting, lane) => (waiting?.oid === oid ? [lane] : []));
    const lane = here[0] ?? this.free();
    const strand = before[lane]?.strand ?? this.strands++;
    for (const one of here) this.lanes[one] = undefined;
    this.lanes[lane] = undefined;
    const out: LaneLine[] = [];
    for (const [at, parent] of parents.filter((one) => !this.told.has(one)).entries()) {
      const known = this.lanes.findIndex((waiting) => waiting?.oid === parent);
      // The first parent keeps the lane, unless another child had one further left.
      const isOwn: boolean = at === 0 && (known < 0 || known > lane) && this.lanes[lane] === undefined;
      const to = isOwn ? lane : known >= 0 ? known : this.free();
      const line = isOwn ? strand : (this.lanes[to]?.strand ?? this.strands++);
      if (isOwn || known < 0) this.lanes[to] = { oid: parent, strand: line };
      out.push({ from: null, to, strand: isOwn || known < 0 ? line : strand });
    }
    const lines = before.flatMap((waiting, from): LaneLine[] => {
      if (waiting === undefined) return [];
      if (waiting.oid === oid) return [{ from, to: null, strand: waiting.strand }];
      return [{ from, to: from, strand: waiting.strand }];
    });
    while (this.lanes.length > 0 && this.lanes.at(-1) === undefined) this.lanes.pop();
    const width = Math.max(lane + 1, before.length, this.lanes.length);
    return { lane, strand, lines: [...lines, ...out], width };
  }

  private free(): number {
    const at = this.lanes.indexOf(undefined);
    if (at >= 0) return at;
    this.lanes.push(undefined);
    return this.lanes.length - 1;
  }
}
