/** Versions of what the engine's pixels depend on: Node's arithmetic, sharp, and the library behind it. */
export async function libraryVersions(): Promise<{ readonly [name: string]: string }> {
  const { versions } = (await import('sharp')).default;
  const { sharp, vips } = versions;
  return { node: process.versions.node, ...(sharp === undefined ? {} : { sharp }), vips };
}
