import type { Conflict, Finding, StatusDocument } from '../status/schema.ts';
import { Disclosure } from './disclosure.tsx';
import { Badge } from './icons.tsx';
import { ResourceLabel, Since, TimeAgo } from './inline-text.tsx';
import { findingLabel, pluralize } from './labels.ts';
import { resourceName } from './rich-text.ts';
import { Row, Table } from './table.tsx';

type Audit = StatusDocument['dns']['audit'];

/** A list that nobody reads to its end. */
const listed = 100;

const findingColumns = ['Finding', 'Container group', 'Records', 'Since', 'State'];

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly caption: string;
}

export const Findings = ({ findings, caption }: FindingsProps) => (
  <Table caption={caption} names={findingColumns}>
    {findings.map((finding) => (
      <Row
        key={JSON.stringify([finding.finding, finding.containerGroup, finding.recordSets])}
        names={findingColumns}
        cells={[
          findingLabel(finding.finding),
          <ResourceLabel key="group" id={finding.containerGroup} />,
          <Records key="records" finding={finding} />,
          finding.since === null ? null : <Since key="since" at={finding.since} />,
          finding.healedAt === null ? (
            <Badge key="state" kind="wrong" words="open" />
          ) : (
            <span key="state">
              <Badge kind="ok" words="healed" /> <TimeAgo at={finding.healedAt} />
            </span>
          ),
        ]}
      />
    ))}
  </Table>
);

const Records = ({ finding: { recordSets, addresses } }: { readonly finding: Finding }) => (
  <ul class="lines">
    {recordSets.map((id, index) => (
      <li key={id}>
        <ResourceLabel id={id} />
        {addresses[index] === undefined ? null : <span class="quiet"> ({addresses[index]})</span>}
      </li>
    ))}
  </ul>
);

const conflictColumns = ['Record set', 'Belongs to', 'Refused to', 'Since'];

export function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }) {
  if (conflicts.length === 0) return null;
  return (
    <Table caption="Conflicts: record sets that two live container groups claim" names={conflictColumns}>
      {conflicts.map(({ recordSet, owner, containerGroup, since }) => (
        <Row
          key={`${containerGroup} ${recordSet}`}
          names={conflictColumns}
          cells={[
            <ResourceLabel key="set" id={recordSet} />,
            <ResourceLabel key="owner" id={owner} />,
            <ResourceLabel key="group" id={containerGroup} />,
            <Since key="since" at={since} />,
          ]}
        />
      ))}
    </Table>
  );
}

/** What the audit could not see. */
export function Unread({ audit }: { readonly audit: Audit }) {
  if (audit === null || (audit.unread.length === 0 && audit.unmappedGroups === 0)) return null;
  return (
    <>
      {audit.unread.length === 0 ? null : (
        <Disclosure summary={`${pluralize(audit.unread.length, 'listing')} not read to the end`} startsOpen>
          {() => (
            <ul class="messages">
              {audit.unread.slice(0, listed).map(({ scope, reason }) => (
                <li key={scope}>
                  <ResourceLabel id={scope} />: {reason}
                </li>
              ))}
            </ul>
          )}
        </Disclosure>
      )}
      {audit.unmappedGroups === 0 ? null : (
        <p class="quiet">
          {pluralize(audit.unmappedGroups, 'container group')} in resource groups that{' '}
          <code>DNS_ZONE_MAP</code> does not name.
        </p>
      )}
    </>
  );
}

export function SharedAddresses({ audit }: { readonly audit: Audit }) {
  if (audit === null || audit.sharedAddresses.length === 0) return null;
  const { sharedAddresses } = audit;
  return (
    <Disclosure
      summary={`${pluralize(sharedAddresses.length, 'address', 'addresses')} with more than one name`}
    >
      {() => (
        <ul class="messages">
          {sharedAddresses.slice(0, listed).map(({ address, containerGroups }) => (
            <li key={address}>
              {address}: {containerGroups.map((id) => resourceName(id).name).join(', ')}
            </li>
          ))}
        </ul>
      )}
    </Disclosure>
  );
}
