import { More } from './disclosure.tsx';
import { Badge } from './icons.tsx';
import { counted, findingWords } from './labels.ts';
import { shortName } from './rich-text.ts';
import type { Conflict, Finding, Status } from './status.ts';
import { Row, Table } from './table.tsx';
import { Ago, Named, Since } from './text.tsx';

type Audit = Status['dns']['audit'];

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
          findingWords(finding.finding),
          <Named key="group" id={finding.containerGroup} />,
          <Records key="records" finding={finding} />,
          <Since key="since" at={finding.since} />,
          finding.healedAt === null ? (
            <Badge key="state" kind="wrong" words="open" />
          ) : (
            <span key="state">
              <Badge kind="ok" words="healed" /> <Ago at={finding.healedAt} />
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
        <Named id={id} />
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
            <Named key="set" id={recordSet} />,
            <Named key="owner" id={owner} />,
            <Named key="group" id={containerGroup} />,
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
        <More summary={`${counted(audit.unread.length, 'listing')} not read to the end`} startsOpen>
          {() => (
            <ul class="messages">
              {audit.unread.slice(0, listed).map(({ scope, reason }) => (
                <li key={scope}>
                  <Named id={scope} />: {reason}
                </li>
              ))}
            </ul>
          )}
        </More>
      )}
      {audit.unmappedGroups === 0 ? null : (
        <p class="quiet">
          {counted(audit.unmappedGroups, 'container group')} in resource groups that <code>DNS_ZONE_MAP</code>{' '}
          does not name.
        </p>
      )}
    </>
  );
}

export function SharedAddresses({ audit }: { readonly audit: Audit }) {
  if (audit === null || audit.sharedAddresses.length === 0) return null;
  const { sharedAddresses } = audit;
  return (
    <More summary={`${counted(sharedAddresses.length, 'address', 'addresses')} with more than one name`}>
      {() => (
        <ul class="messages">
          {sharedAddresses.slice(0, listed).map(({ address, containerGroups }) => (
            <li key={address}>
              {address}: {containerGroups.map((id) => shortName(id).name).join(', ')}
            </li>
          ))}
        </ul>
      )}
    </More>
  );
}
