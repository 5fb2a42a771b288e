import { useState } from 'preact/hooks';
import './ab-slider.css';

/** Two pictures on each other, and a slider between them: left of it the first is seen, right of it the second. */
export function AbSlider({
  before,
  after,
  names = ['before', 'after'],
}: {
  /** Addresses of the pictures. */
  readonly before: string;
  readonly after: string;
  readonly names?: readonly [string, string];
}) {
  const [share, setShare] = useState(50);
  return (
    <figure class="ab">
      <div class="ab-pictures">
        <img src={after} alt={names[1]} draggable={false} />
        <img
          class="ab-over"
          src={before}
          alt={names[0]}
          draggable={false}
          style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}
        />
        <span class="ab-line" style={{ left: `${share}%` }} />
        <input
          type="range"
          min={0}
          max={100}
          value={share}
          aria-label={`How much of ${names[0]} is seen over ${names[1]}, in percent`}
          onInput={(event) => setShare(Number(event.currentTarget.value))}
        />
      </div>
      <figcaption>
        <span>{names[0]}</span>
        <span>{names[1]}</span>
      </figcaption>
    </figure>
  );
}
