/** A time as a share of the objective. The text beside it gives the times. */
export const TimeBar = ({ share }: { readonly share: number }) => (
  <svg
    class={`time-bar ${share >= 1 ? 'is-over' : ''}`}
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="track" width="100" height="6" />
    <rect class="used" width={Math.min(100, Math.max(2, share * 100))} height="6" />
  </svg>
);
