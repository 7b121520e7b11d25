import type { StatusDocument } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { ResourceLabel, TimeAgo } from './inline-text.tsx';
import { signalLabel } from './labels.ts';
import { Section, Stat, unreadable } from './section.tsx';
import { Row, Table } from './table.tsx';

const shortSignals = 10;
const columns = ['Signal', 'About', 'Published'];

export function SignalsSection({ status }: { readonly status: StatusDocument }) {
  const { topic, unpublished, lastPublishedAt, recent } = status.signals;
  const { shown, toggle } = useShowMore(recent, shortSignals, 'signals');
  if (status.dns.spokes.length + status.registries.length === 0) return null;
  return (
    <Section id="signals" title="Recent signals" state={stateOf(status)}>
      {topic ? null : (
        <p>
          Signals are only logged. To publish them, set <code>SIGNAL_TOPIC__topicEndpointUri</code> to the
          endpoint of an Event Grid topic, as in{' '}
          <code>https://mytopic.westeurope-1.eventgrid.azure.net/api/events</code>.
        </p>
      )}
      {topic || recent.length > 0 ? (
        <dl class="facts">
          <Stat name="Still to be published" mark={unpublished > 0 ? 'moving' : undefined}>
            {unpublished.toLocaleString('en')}
          </Stat>
          <Stat name="Last published">
            {lastPublishedAt === null ? 'none yet' : <TimeAgo at={lastPublishedAt} />}
          </Stat>
        </dl>
      ) : null}
      {recent.length === 0 ? null : (
        <Table caption="Signals, the newest first" names={columns}>
          {shown.map(({ id, type, subject, at }) => (
            <Row
              key={id}
              names={columns}
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

function stateOf({ unknown, signals: { topic, unpublished } }: StatusDocument) {
  if (unknown.includes('journal')) return unreadable;
  if (!topic) return { kind: 'none', words: 'no topic' } as const;
  return unpublished > 0
    ? ({ kind: 'moving', words: 'some are waiting' } as const)
    : ({ kind: 'ok', words: 'all published' } as const);
}
