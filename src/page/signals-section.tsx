import type { ComponentProps } from 'preact';
import type { StatusDocument } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { formatNumber } from './format.ts';
import type { BadgeProps } from './icons.tsx';
import { ResourceLabel, TimeAgo } from './inline-text.tsx';
import { signalLabel } from './labels.ts';
import type { Part } from './part.ts';
import { Section, Stat, Stats, unreadable } from './section.tsx';
import { Row, Table } from './table.tsx';

const initialSignals = 10;
const columns = ['Signal', 'Subject', 'Published'];

export const signalsPart: Part = {
  id: 'signals',
  link: 'Signals',
  state: (status) =>
    status.dns.spokes.length + status.registries.length === 0 ? undefined : stateOf(status),
  View: SignalsSection,
};

function SignalsSection({ status, shown: { signals } }: ComponentProps<Part['View']>) {
  const { topic, unpublished, lastPublishedAt } = status.signals;
  const { recent } = signals;
  const { shown, toggle } = useShowMore(recent, initialSignals, 'signals');
  return (
    <Section
      id="signals"
      title="Recent signals"
      state={stateOf(status)}
      summary={
        <>
          Last published {lastPublishedAt === null ? 'never' : <TimeAgo at={lastPublishedAt} />}
          {topic ? '' : '; signals are only logged'}
        </>
      }
      rows={recent.length}
    >
      {topic ? null : (
        <p>
          Signals are only logged. To publish them, set <code>SIGNAL_TOPIC__topicEndpointUri</code> to the
          endpoint of an Event Grid topic, for example{' '}
          <code>https://mytopic.westeurope-1.eventgrid.azure.net/api/events</code>.
        </p>
      )}
      {unpublished > 0 ? (
        <Stats>
          <Stat name="Unpublished" tone="progress">
            {formatNumber(unpublished)}
          </Stat>
        </Stats>
      ) : null}
      {recent.length === 0 ? null : (
        <Table caption="Signals, newest first" columns={columns}>
          {shown.map(({ id, type, subject, at }) => (
            <Row
              key={id}
              columns={columns}
              cells={[
                <span key="type" title={type}>
                  {signalLabel(type)}
                </span>,
                <ResourceLabel key="subject" id={subject} />,
                <TimeAgo key="at" at={at} />,
              ]}
            />
          ))}
        </Table>
      )}
      {toggle}
    </Section>
  );
}

function stateOf({ unknown, signals: { topic, unpublished } }: StatusDocument): BadgeProps {
  if (unknown.includes('journal')) return unreadable;
  if (!topic) return { tone: 'none', label: 'no topic' };
  return unpublished > 0
    ? { tone: 'progress', label: `${formatNumber(unpublished)} unpublished` }
    : { tone: 'ok', label: 'all published' };
}
