/** Pictures of trials by number: `data:` URIs, or files relative to where the page or picture will stand. */
export type TrialImages = ReadonlyMap<number, string>;

const DATA = /^data:image\/(?:png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/]+={0,2}$/;

/**
 * The address of a picture that a page may show; undefined for one that would be loaded from elsewhere, that is absolute
 * or leads out of the folder: whoever opens the page tells nobody. [PL-10]
 */
export function imageHref(images: TrialImages, trial: number): string | undefined {
  const href = images.get(trial);
  if (href === undefined) return undefined;
  if (DATA.test(href)) return href;
  const isRelative = /^[^/\\:?#\u0000-\u0020][^\\:?#\u0000-\u001f]*$/.test(href) && !href.split('/').includes('..');
  return isRelative ? href : undefined;
}
