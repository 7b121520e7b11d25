import type { Audit, Conflict, Finding } from '../status/schema.ts';
import { Disclosure } from './disclosure.tsx';
import { pluralize } from './format.ts';
import { Badge } from './icons.tsx';
import { ResourceLabel, RichText, Since, TimeAgo } from './inline-text.tsx';
import { findingLabel } from './labels.ts';
import { resourceName } from './rich-text.ts';
import { Row, Table } from './table.tsx';

/** Nobody reads a longer list to its end. */
const maxListed = 100;

const findingColumns = ['Finding', 'Container group', 'Records', 'Live', 'Recorded', 'Since', 'State'];

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly caption: string;
}

export const Findings = ({ findings, caption }: FindingsProps) => (
  <Table caption={caption} columns={findingColumns}>
    {findings.map((finding) => (
      <Row
        key={JSON.stringify([finding.finding, finding.containerGroup, finding.recordSets])}
        columns={findingColumns}
        cells={[
          findingLabel(finding.finding),
          <ResourceLabel key="group" id={finding.containerGroup} />,
          <Records key="records" finding={finding} />,
          finding.liveAddress ?? 'none',
          finding.recordAddress ?? 'none',
          finding.since === null ? null : <Since key="since" at={finding.since} />,
          finding.healedAt === null ? (
            <div key="state">
              <Badge tone="error" label="open" />
              {finding.repair === null ? null : (
                <p class="muted">
                  <RichText text={finding.repair} />
                </p>
              )}
            </div>
          ) : (
            <span key="state">
              <Badge tone="ok" label="healed" /> <TimeAgo at={finding.healedAt} />
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
        {addresses[index] === undefined ? null : <span class="muted"> ({addresses[index]})</span>}
      </li>
    ))}
  </ul>
);

const conflictColumns = ['Record set', 'Owner', 'Also claimed by', 'Since'];

export function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }) {
  if (conflicts.length === 0) return null;
  return (
    <Table caption="Conflicts: record sets that two live container groups claim" columns={conflictColumns}>
      {conflicts.map(({ recordSet, owner, containerGroup, since }) => (
        <Row
          key={`${containerGroup} ${recordSet}`}
          columns={conflictColumns}
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

interface AuditProps {
  readonly audit: Audit | null;
}

/** Listings and container groups that the audit could not see. */
export function UnreadListings({ audit }: AuditProps) {
  if (audit === null) return null;
  const { unread, unmappedGroups } = audit;
  return (
    <>
      {unread.length === 0 ? null : (
        <Disclosure summary={`${pluralize(unread.length, 'listing')} could not be read in full`} startsOpen>
          {() => (
            <ul class="messages">
              {unread.slice(0, maxListed).map(({ scope, reason }) => (
                <li key={scope}>
                  <ResourceLabel id={scope} />: {reason}
                </li>
              ))}
            </ul>
          )}
        </Disclosure>
      )}
      {unmappedGroups === 0 ? null : (
        <p class="muted">
          {pluralize(unmappedGroups, 'container group')} in resource groups without an entry in{' '}
          <code>DNS_ZONE_MAP</code>.
        </p>
      )}
    </>
  );
}

export function SharedAddresses({ audit }: AuditProps) {
  if (audit === null || audit.sharedAddresses.length === 0) return null;
  const { sharedAddresses } = audit;
  return (
    <Disclosure
      summary={`${pluralize(sharedAddresses.length, 'address', 'addresses')} with more than one name`}
    >
      {() => (
        <ul class="messages">
          {sharedAddresses.slice(0, maxListed).map(({ address, containerGroups }) => (
            <li key={address}>
              {address}: {containerGroups.map((id) => resourceName(id).name).join(', ')}
            </li>
          ))}
        </ul>
      )}
    </Disclosure>
  );
}
