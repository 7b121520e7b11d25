import type { Replica } from '../status/schema.ts';
import { Copyable } from './copyable.tsx';
import { Name, RichText } from './inline-text.tsx';

interface RehearsalProps {
  readonly replica: Replica;
}

/** Who took a replica out of global routing for a time, why, and until when: rows of its properties. */
export function RehearsalRows({ replica: { rehearsal } }: RehearsalProps) {
  if (rehearsal === null) return null;
  const { until, by, reason } = rehearsal;
  return (
    <>
      <dt>Rehearsal</dt>
      <dd>
        <RichText text={`until ${until}`} />
        {by === null ? null : (
          <>
            , asked for by <Name>{by}</Name>
          </>
        )}
      </dd>
      {reason === null ? null : (
        <>
          <dt>Rehearsed because</dt>
          <dd>{reason}</dd>
        </>
      )}
    </>
  );
}

/** What ends the rehearsal before its time. */
export function EndRehearsal({ replica: { rehearsal, commands } }: RehearsalProps) {
  if (rehearsal === null || commands.endRehearsal === null) return null;
  return <Copyable label="End the rehearsal" text={commands.endRehearsal} />;
}
