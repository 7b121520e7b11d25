import type { Audit, Conflict, Finding, StatusDocument } from '../status/schema.ts';
import { Disclosure, useShowMore } from './disclosure.tsx';
import { findingSentence } from './finding-sentence.ts';
import { pluralize } from './format.ts';
import { Badge } from './icons.tsx';
import { ResourceLabel, RichText, Since, TimeAgo } from './inline-text.tsx';
import { findingLabel } from './labels.ts';
import { findingStep } from './next-step.ts';
import { NextStepView } from './next-step-view.tsx';
import { resourceName } from './rich-text.ts';
import { Row, Table } from './table.tsx';

/** Nobody reads a longer list to its end. */
const maxListed = 100;

const findingColumns = ['Container group', 'What is wrong', 'Since', 'Next step'];

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly status: StatusDocument;
  readonly caption: string;
}

export function Findings({ findings, status, caption }: FindingsProps) {
  const { shown, toggle } = useShowMore(findings, maxListed, 'findings');
  return (
    <>
      <Table caption={caption} columns={findingColumns}>
        {shown.map((finding) => (
          <Row
            key={JSON.stringify([finding.finding, finding.containerGroup, finding.recordSets])}
            columns={findingColumns}
            cells={[
              <ResourceLabel key="group" id={finding.containerGroup} />,
              <WhatIsWrong key="what" finding={finding} />,
              finding.since === null ? null : <Since key="since" at={finding.since} />,
              finding.healedAt === null ? (
                <NextStepView key="step" step={findingStep(finding, status)} />
              ) : (
                <span key="state">
                  <Badge tone="ok" label="healed" /> <TimeAgo at={finding.healedAt} />
                </span>
              ),
            ]}
          />
        ))}
      </Table>
      {toggle}
    </>
  );
}

/** `is 10.1.0.4, DNS says 10.1.0.9; repaired by the next event, at the latest 14:30 UTC`, and the record sets. */
const WhatIsWrong = ({ finding }: { readonly finding: Finding }) => (
  <div class="finding">
    <p>
      <strong>{findingLabel(finding.finding)}</strong>
    </p>
    <p>
      <RichText text={findingSentence(finding)} />
    </p>
    <ul class="lines muted">
      {finding.recordSets.map((id, index) => (
        <li key={id}>
          <ResourceLabel id={id} />
          {finding.addresses[index] === undefined ? null : ` (${finding.addresses[index]})`}
        </li>
      ))}
    </ul>
  </div>
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
