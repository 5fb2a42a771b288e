/** Outputs by node and place among those of the node: the names of files count on. */
export function byPlace<T extends { readonly node: string }>(outputs: readonly T[]): Map<string, T> {
  const counts = new Map<string, number>();
  return new Map(
    outputs.map((output) => {
      const at = counts.get(output.node) ?? 0;
      counts.set(output.node, at + 1);
      return [`${output.node}.${at}`, output];
    }),
  );
}
