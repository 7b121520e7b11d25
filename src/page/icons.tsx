import type { JSX } from 'preact';
import type { Tone } from './tone.ts';
import type { Verdict } from './verdict.ts';

/** Icons differ by shape as well as by colour. A label always stands beside them, so screen readers skip them. */

const shapes: Readonly<Record<Tone, JSX.Element>> = {
  ok: (
    <path d="M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8Zm3.9 5.3-4.6 5.2a.9.9 0 0 1-1.3 0L4 9.2l1.3-1.2 1.3 1.4 3.9-4.5Z" />
  ),
  error: (
    <path d="M4.7.8 .8 4.7v6.6l3.9 3.9h6.6l3.9-3.9V4.7L11.3.8Zm0 4.9 1-1L8 7l2.3-2.3 1 1L9 8l2.3 2.3-1 1L8 9l-2.3 2.3-1-1L7 8Z" />
  ),
  warning: <path d="M8 .9.4 14.6h15.2ZM7.2 5.8h1.6l-.3 4.4H7.5Zm.8 5.3a1 1 0 1 1 0 2 1 1 0 0 1 0-2Z" />,
  unknown: (
    <>
      <circle class="line" cx="8" cy="8" r="6.4" stroke-dasharray="2.6 1.7" />
      <path d="M5.6 6.2C5.7 4.7 6.7 4 8 4s2.4.8 2.4 2.1c0 1-.6 1.5-1.1 1.9-.5.4-.6.6-.6 1.2H7.3c0-1.3.4-1.7 1-2.2.4-.3.6-.5.6-.9 0-.5-.4-.7-.9-.7s-.9.3-1 1Zm2.4 3.9a.95.95 0 1 1 0 1.9.95.95 0 0 1 0-1.9Z" />
    </>
  ),
  progress: (
    <>
      <circle class="line" cx="8" cy="8" r="6.4" />
      <path d="M8 3.4a4.6 4.6 0 0 1 0 9.2Z" />
    </>
  ),
  off: (
    <>
      <circle class="line" cx="8" cy="8" r="6.4" />
      <path class="line" d="M3.6 12.4 12.4 3.6" />
    </>
  ),
  none: <circle class="line" cx="8" cy="8" r="6.4" />,
};

export const Icon = ({ tone }: { readonly tone: Tone }) => (
  <svg
    class={`icon is-${tone}`}
    viewBox="0 0 16 16"
    width="16"
    height="16"
    aria-hidden="true"
    focusable="false"
  >
    {shapes[tone]}
  </svg>
);

export interface BadgeProps {
  readonly tone: Tone;
  readonly label: string;
}

/** An icon and its label. */
export const Badge = ({ tone, label }: BadgeProps) => (
  <span class={`badge is-${tone}`}>
    <Icon tone={tone} />
    <bdi dir="ltr">{label}</bdi>
  </span>
);

/** A boat, which heels over when there are problems and fades when the status is unknown. */
export const Logo = ({ verdict }: { readonly verdict: Verdict['kind'] }) => (
  <svg class="logo" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true" focusable="false">
    <g
      transform={verdict === 'problems' ? 'rotate(-17 24 30)' : undefined}
      opacity={verdict === 'unknown' ? '.45' : undefined}
    >
      <path class="sail" d="M25.5 6v19H39C36 16 31 10 25.5 6Zm-3 5C18 15 14 20 12.5 25h10Z" />
      <path class="hull" d="M7 28h35c-1.5 6-5 9-10 9H17c-5 0-8.5-3-10-9Z" />
      <path class="hull" d="M21 37h7l-1.5 7h-4Z" />
    </g>
    <path
      class="water"
      d="M2 36c3.7 0 3.7 2.5 7.3 2.5S13 36 16.7 36s3.6 2.5 7.3 2.5S27.6 36 31.3 36s3.7 2.5 7.4 2.5S42.3 36 46 36"
    />
  </svg>
);
