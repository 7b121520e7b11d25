import type { ImageRegion } from '../status/schema.ts';
import { Icon } from './icons.tsx';
import { Name, TimeAgo } from './inline-text.tsx';
import { evidenceLabel } from './labels.ts';

/** The regions of an image, each with its state and how that is known. */
export const Regions = ({ regions }: { readonly regions: readonly ImageRegion[] }) => (
  <ul class="regions">
    {regions.map(({ region, state, at, evidence, verifiedAt, reason }) => (
      <li key={region}>
        <Icon tone={state === 'available' ? 'ok' : state === 'waiting' ? 'progress' : 'unknown'} />
        <span>
          <Name>{region}</Name>: {state}
          <span class="muted">
            {at === undefined ? null : (
              <>
                {' '}
                <TimeAgo at={at} />
              </>
            )}
            {evidence === undefined ? '' : `, ${evidenceLabel(evidence)}`}
            {verifiedAt === undefined ? null : (
              <>
                {' '}
                <TimeAgo at={verifiedAt} />
              </>
            )}
            {reason === undefined ? null : (
              <>
                , <Name>{reason}</Name>
              </>
            )}
          </span>
        </span>
      </li>
    ))}
  </ul>
);
