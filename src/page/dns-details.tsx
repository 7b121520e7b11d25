import { shortName } from './azure-names.ts';
import { Badge } from './marks.tsx';
import { More } from './more.tsx';
import { Named } from './section.tsx';
import type { Conflict, Finding, Status } from './status.ts';
import { Columns, Table } from './table.tsx';
import { Ago, Since } from './time.tsx';
import { counted, findingWords } from './words.ts';

type Audit = Status['dns']['audit'];

/** A list that nobody reads to its end. */
const listed = 100;

export const Findings = ({
  findings,
  caption,
}: {
  readonly findings: readonly Finding[];
  readonly caption: string;
}) => (
  <Table
    caption={caption}
    head={<Columns names={['Finding', 'Container group', 'Records', 'Since', 'State']} />}
  >
    {findings.map((finding) => (
      <tr key={JSON.stringify([finding.finding, finding.containerGroup, finding.recordSets])}>
        <th scope="row">{findingWords(finding.finding)}</th>
        <td>
          <Id id={finding.containerGroup} />
        </td>
        <td>
          <Records finding={finding} />
        </td>
        <td>
          <Since at={finding.since} />
        </td>
        <td>
          {finding.healedAt === null ? (
            <Badge kind="wrong" words="open" />
          ) : (
            <>
              <Badge kind="ok" words="healed" /> <Ago at={finding.healedAt} />
            </>
          )}
        </td>
      </tr>
    ))}
  </Table>
);

const Records = ({ finding: { recordSets, addresses } }: { readonly finding: Finding }) => (
  <ul class="lines">
    {recordSets.map((id, index) => (
      <li key={id}>
        <Id id={id} />
        {addresses[index] === undefined ? null : <span class="quiet"> ({addresses[index]})</span>}
      </li>
    ))}
  </ul>
);

export function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }) {
  if (conflicts.length === 0) return null;
  return (
    <Table
      caption="Conflicts: record sets that two live container groups claim"
      head={<Columns names={['Record set', 'Belongs to', 'Refused to', 'Since']} />}
    >
      {conflicts.map(({ recordSet, owner, containerGroup, since }) => (
        <tr key={`${containerGroup} ${recordSet}`}>
          <th scope="row">
            <Id id={recordSet} />
          </th>
          <td>
            <Id id={owner} />
          </td>
          <td>
            <Id id={containerGroup} />
          </td>
          <td>
            <Since at={since} />
          </td>
        </tr>
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
                  <Id id={scope} />: {reason}
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

const Id = ({ id }: { readonly id: string }) => <Named id={id} {...shortName(id)} />;
