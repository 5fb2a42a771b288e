/**
 * The assignment of rows to columns with the least total cost, each row to one column and no column twice; there are at
 * least as many columns as rows. Returns the column of each row. O(rows² · columns): successive shortest augmenting
 * paths with potentials, after Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
 * assignment problems", Computing 38 (1987) 325-340. Ties fall to the first column, so equal input gives equal output.
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(columns);
  /** Row of each column, -1 while it is free. */
  const rowOf = new Int32Array(columns).fill(-1);
  for (let start = 0; start < rows; start++) {
    const distance = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(columns).fill(-1);
    const isDone = new Uint8Array(columns);
    let row = start;
    let column = -1;
    let reached = 0;
    // Grows a tree of shortest paths from the new row until it meets a free column.
    do {
      let next = -1;
      for (let j = 0; j < columns; j++) {
        if (isDone[j]) continue;
        const through = reached + costs[row]![j]! - rowPrice[row]! - columnPrice[j]!;
        if (through < distance[j]!) {
          distance[j] = through;
          before[j] = column;
        }
        if (next < 0 || distance[j]! < distance[next]!) next = j;
      }
      column = next;
      reached = distance[column]!;
      isDone[column] = 1;
      row = rowOf[column]!;
    } while (row >= 0);
    rowPrice[start]! += reached;
    for (let j = 0; j < columns; j++) {
      if (!isDone[j] || j === column) continue;
      const slack = reached - distance[j]!;
      columnPrice[j]! -= slack;
      rowPrice[rowOf[j]!]! += slack;
    }
    // Turns the path around: each column on it takes the row of the one before.
    for (let j = column; j >= 0; ) {
      const previous = before[j]!;
      rowOf[j] = previous < 0 ? start : rowOf[previous]!;
      j = previous;
    }
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let j = 0; j < columns; j++) if (rowOf[j]! >= 0) columnOf[rowOf[j]!] = j;
  return columnOf;
}
