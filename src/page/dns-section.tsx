import type { Spoke, StatusDocument } from '../status/schema.ts';
import { Disclosure, useShowMore } from './disclosure.tsx';
import { Conflicts, Findings, SharedAddresses, Unread } from './dns-details.tsx';
import { ageMs, formatDuration } from './format.ts';
import { Badge } from './icons.tsx';
import { TimeAgo } from './inline-text.tsx';
import { pluralize } from './labels.ts';
import { Section, Stat, unreadable } from './section.tsx';
import { Row, Table } from './table.tsx';

/** So many rows stand there without a click; those with something to tell come first. */
const shortSpokes = 12;

export function DnsSection({ status }: { readonly status: StatusDocument }) {
  const { spokes, audit, repairs, conflicts } = status.dns;
  if (spokes.length === 0) return null;
  const open = audit?.findings.filter(({ healedAt }) => healedAt === null) ?? [];
  const healed = audit?.findings.filter(({ healedAt }) => healedAt !== null) ?? [];
  const openTotal = spokes.reduce((sum, spoke) => sum + spoke.findings, 0);
  const sum = (of: 'groups' | 'recordSets') => spokes.reduce((total, spoke) => total + spoke[of], 0);
  return (
    <Section id="dns" title="DNS" state={stateOf(status, openTotal)}>
      <dl class="facts">
        <Stat name="Spokes">{spokes.length.toLocaleString('en')}</Stat>
        <Stat name="Container groups">{sum('groups').toLocaleString('en')}</Stat>
        <Stat name="Record sets">{sum('recordSets').toLocaleString('en')}</Stat>
        <Stat name="Drift found" mark={openTotal > 0 ? 'wrong' : undefined}>
          {openTotal.toLocaleString('en')}
        </Stat>
        <Stat name="Conflicts" mark={conflicts.length > 0 ? 'wrong' : undefined}>
          {conflicts.length.toLocaleString('en')}
        </Stat>
        <Stat
          name="Repairs, 7 days"
          aside={`${repairs.event.toLocaleString('en')} by event, ${repairs.audit.toLocaleString('en')} by audit`}
        >
          {(repairs.event + repairs.audit).toLocaleString('en')}
        </Stat>
        {audit === null ? (
          <Stat name="Last audit">none yet</Stat>
        ) : (
          <Stat name="Last audit" aside={aboutAudit(audit)}>
            <TimeAgo at={audit.finishedAt} />
          </Stat>
        )}
      </dl>
      <Conflicts conflicts={conflicts} />
      {open.length === 0 ? null : (
        <Disclosure summary={summaryOf(open.length, openTotal)} startsOpen={open.length <= shortSpokes}>
          {() => <Findings findings={open} caption="Drift that the last audit found" />}
        </Disclosure>
      )}
      {healed.length === 0 ? null : (
        <Disclosure summary={`${pluralize(healed.length, 'finding')} healed since the last audit`}>
          {() => <Findings findings={healed} caption="Drift that was healed since the last audit" />}
        </Disclosure>
      )}
      <Unread audit={audit} />
      <Spokes spokes={spokes} isAudited={audit !== null} />
      <SharedAddresses audit={audit} />
    </Section>
  );
}

function stateOf({ unknown, dns: { audit, conflicts } }: StatusDocument, findings: number) {
  if (unknown.includes('audit')) return unreadable;
  if (findings + conflicts.length > 0) return { kind: 'wrong', words: 'not even' } as const;
  if (audit === null) return { kind: 'unseen', words: 'not audited yet' } as const;
  return audit.complete
    ? ({ kind: 'ok', words: 'even' } as const)
    : ({ kind: 'unseen', words: 'not seen as a whole' } as const);
}

const summaryOf = (listed: number, total: number): string =>
  total > listed
    ? `${pluralize(total, 'finding')}, of which ${listed.toLocaleString('en')} are listed`
    : `${pluralize(listed, 'finding')} of the last audit`;

function aboutAudit({
  startedAt,
  finishedAt,
  complete,
}: NonNullable<StatusDocument['dns']['audit']>): string {
  const tookMs = ageMs(startedAt, new Date(finishedAt)) ?? 0;
  return `took ${formatDuration(tookMs)}${complete ? '' : ', incomplete'}`;
}

const columns = ['Spoke', 'State', '#Groups', '#Record sets', '#Drift', '#Healed', '#Conflicts'];

function Spokes({ spokes, isAudited }: { readonly spokes: readonly Spoke[]; readonly isAudited: boolean }) {
  const trouble = ({ findings, conflicts }: Spoke) => (findings + conflicts > 0 ? 0 : 1);
  const sorted = spokes.toSorted((a, b) => trouble(a) - trouble(b));
  const { shown, toggle } = useShowMore(sorted, shortSpokes, 'spokes');
  return (
    <>
      <Table caption="Spokes" names={columns}>
        {shown.map((spoke) => (
          <Row
            key={spoke.key}
            names={columns}
            cells={[
              spoke.key,
              <SpokeState key="state" spoke={spoke} isAudited={isAudited} />,
              ...[spoke.groups, spoke.recordSets, spoke.findings, spoke.healed, spoke.conflicts].map(
                (value) => value.toLocaleString('en'),
              ),
            ]}
          />
        ))}
      </Table>
      {toggle}
    </>
  );
}

function SpokeState({ spoke, isAudited }: { readonly spoke: Spoke; readonly isAudited: boolean }) {
  if (spoke.conflicts > 0) return <Badge kind="wrong" words="conflict" />;
  if (spoke.findings > 0) return <Badge kind="wrong" words="drift" />;
  return isAudited ? <Badge kind="ok" words="even" /> : <Badge kind="unseen" words="not audited" />;
}
