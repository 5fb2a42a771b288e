import type { RunOutput } from '../../../src/porcelain/run-note.ts';
import { addressOf } from '../api.ts';

/** Pictures that a run left, small, each a link to the whole; what is none is named. `most` are shown. */
export function Outputs({ outputs, most }: { readonly outputs: readonly RunOutput[]; readonly most?: number }) {
  const shown = outputs.slice(0, most);
  return (
    <span class="run-outputs">
      {shown.map(({ id, filename, type, width, height }, at) => (
        <a
          key={`${id} ${at}`}
          href={addressOf(`outputs/${id}`)}
          target="_blank"
          rel="noreferrer"
          title={`${filename}${width === undefined ? '' : `, ${width} × ${height}`}`}
        >
          {type.startsWith('image/') ? (
            <img src={addressOf(`outputs/${id}`)} alt={filename} loading="lazy" />
          ) : type.startsWith('video/') && most === undefined ? (
            <video src={addressOf(`outputs/${id}`)} muted controls aria-label={filename} />
          ) : (
            filename
          )}
        </a>
      ))}
      {shown.length < outputs.length && <span class="quiet">+{outputs.length - shown.length}</span>}
    </span>
  );
}
