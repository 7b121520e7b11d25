import type { ComponentProps } from 'preact';
import type { Audit, Spoke, StatusDocument } from '../status/schema.ts';
import { Disclosure, useShowMore } from './disclosure.tsx';
import { Conflicts, Findings, SharedAddresses, UnreadListings } from './dns-details.tsx';
import { ageMs, formatDuration, formatNumber, pluralize } from './format.ts';
import { Badge, type BadgeProps } from './icons.tsx';
import { Name, TimeAgo } from './inline-text.tsx';
import type { Part } from './part.ts';
import { allGood, Section, Stat, Stats, unreadable } from './section.tsx';
import { SpokeStrip } from './small-strip.tsx';
import { Row, Table } from './table.tsx';

/** A longer list starts shortened; spokes with problems come first. */
const initialRows = 12;

export const dnsPart: Part = {
  id: 'dns',
  link: 'DNS',
  state: (status) => (status.dns.spokes.length === 0 ? undefined : stateOf(status)),
  View: DnsSection,
};

function DnsSection({ status, shown }: ComponentProps<Part['View']>) {
  const { spokes, audit, repairs, conflicts } = status.dns;
  const findings = shown.dns.audit?.findings ?? [];
  const open = findings.filter(({ healedAt }) => healedAt === null);
  const healed = findings.filter(({ healedAt }) => healedAt !== null);
  const openTotal = openFindings(status);
  const total = (field: 'groups' | 'recordSets') => spokes.reduce((sum, spoke) => sum + spoke[field], 0);
  return (
    <Section
      id="dns"
      title="DNS"
      state={stateOf(status)}
      summary={
        <>
          {pluralize(spokes.length, 'spoke')}, {pluralize(total('groups'), 'container group')},{' '}
          {pluralize(total('recordSets'), 'record set')}; last audit{' '}
          {audit === null ? 'none yet' : <TimeAgo at={audit.finishedAt} />}
        </>
      }
      rows={shown.dns.spokes.length + findings.length + shown.dns.conflicts.length}
    >
      <Stats>
        <Stat name="Drift found" tone={openTotal > 0 ? 'error' : undefined}>
          {formatNumber(openTotal)}
        </Stat>
        <Stat name="Conflicts" tone={conflicts.length > 0 ? 'error' : undefined}>
          {formatNumber(conflicts.length)}
        </Stat>
        <Stat
          name="Repairs in 7 days"
          aside={`${formatNumber(repairs.event)} by event, ${formatNumber(repairs.audit)} by audit`}
        >
          {formatNumber(repairs.event + repairs.audit)}
        </Stat>
        {audit === null ? null : (
          <Stat name="Last audit" aside={auditSummary(audit)}>
            <TimeAgo at={audit.finishedAt} />
          </Stat>
        )}
      </Stats>
      <Conflicts conflicts={shown.dns.conflicts} />
      {open.length === 0 ? null : (
        <Disclosure summary={findingsSummary(open.length, openTotal)} startsOpen={open.length <= initialRows}>
          {() => <Findings findings={open} status={status} caption="Drift that the last audit found" />}
        </Disclosure>
      )}
      {healed.length === 0 ? null : (
        <Disclosure summary={`${pluralize(healed.length, 'finding')} healed since the last audit`}>
          {() => (
            <Findings
              findings={healed}
              status={status}
              caption="Drift that has healed since the last audit"
            />
          )}
        </Disclosure>
      )}
      <UnreadListings audit={shown.dns.audit} />
      <Spokes spokes={shown.dns.spokes} isAudited={audit !== null} />
      <SharedAddresses audit={shown.dns.audit} />
    </Section>
  );
}

/** Those of record sets that belong to no spoke any more count, too, and no list of them is complete. */
function openFindings({ dns: { spokes, audit } }: StatusDocument): number {
  const healed = spokes.reduce((sum, spoke) => sum + spoke.healed, 0);
  return Math.max(0, (audit?.findingsTotal ?? 0) - healed);
}

function stateOf(status: StatusDocument): BadgeProps {
  const { unknown, dns } = status;
  const { audit, conflicts } = dns;
  const open = openFindings(status);
  if (unknown.includes('audit')) return unreadable;
  const problems = [
    ...(open > 0 ? [pluralize(open, 'finding')] : []),
    ...(conflicts.length > 0 ? [pluralize(conflicts.length, 'conflict')] : []),
  ];
  if (problems.length > 0) return { tone: 'error', label: problems.join(', ') };
  if (audit === null) return { tone: 'unknown', label: 'not audited yet' };
  return audit.complete ? allGood : { tone: 'unknown', label: 'audit incomplete' };
}

const findingsSummary = (listed: number, total: number): string =>
  total > listed
    ? `${pluralize(total, 'finding')} from the last audit, ${formatNumber(listed)} of them listed`
    : `${pluralize(listed, 'finding')} from the last audit`;

function auditSummary({ startedAt, finishedAt, complete }: Audit): string {
  const durationMs = ageMs(startedAt, new Date(finishedAt)) ?? 0;
  return `took ${formatDuration(durationMs)}${complete ? '' : ', incomplete'}`;
}

const columns = [
  'Spoke',
  'State',
  '#Groups',
  '#Record sets',
  '#Drift',
  '#Healed',
  '#Conflicts',
  'Last 24 hours',
];

function Spokes({ spokes, isAudited }: { readonly spokes: readonly Spoke[]; readonly isAudited: boolean }) {
  const rank = ({ findings, conflicts }: Spoke) => (findings + conflicts > 0 ? 0 : 1);
  const sorted = spokes.toSorted((a, b) => rank(a) - rank(b));
  const { shown, toggle } = useShowMore(sorted, initialRows, 'spokes');
  if (spokes.length === 0) return null;
  return (
    <>
      <Table caption="Spokes" columns={columns}>
        {shown.map((spoke) => (
          <Row
            key={spoke.key}
            columns={columns}
            cells={[
              <Name key="key">{spoke.key}</Name>,
              <SpokeState key="state" spoke={spoke} isAudited={isAudited} />,
              formatNumber(spoke.groups),
              formatNumber(spoke.recordSets),
              formatNumber(spoke.findings),
              formatNumber(spoke.healed),
              formatNumber(spoke.conflicts),
              <SpokeStrip key="day" spoke={spoke.key} />,
            ]}
          />
        ))}
      </Table>
      {toggle}
    </>
  );
}

function SpokeState({ spoke, isAudited }: { readonly spoke: Spoke; readonly isAudited: boolean }) {
  if (spoke.conflicts > 0) return <Badge tone="error" label="conflict" />;
  if (spoke.findings > 0) return <Badge tone="error" label="drift" />;
  return isAudited ? <Badge tone="ok" label="good" /> : <Badge tone="unknown" label="not audited" />;
}
