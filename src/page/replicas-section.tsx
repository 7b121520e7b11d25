import type { Registry, Replica, StatusDocument } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { Badge } from './icons.tsx';
import { RichText, Since } from './inline-text.tsx';
import { ReplicaDetails } from './replica-details.tsx';
import { ReplicaMatrix } from './replica-matrix.tsx';
import { needsAttention, replicaState } from './replica-state.ts';
import { Section, Stat, unreadable } from './section.tsx';

const shortFlagged = 4;

export function ReplicasSection({ status }: { readonly status: StatusDocument }) {
  const { registries } = status;
  if (registries.length === 0) return null;
  const all = registries.flatMap(({ registry, replicas }) =>
    replicas.map((replica) => ({ registry, replica })),
  );
  const attention = all.filter(({ replica }) => needsAttention(replica));
  const count = (matches: (replica: Replica) => boolean) =>
    all.filter(({ replica }) => matches(replica)).length.toLocaleString('en');
  return (
    <Section id="replicas" title="Replicas" state={stateOf(status, attention.length)}>
      <dl class="facts">
        <Stat name="Registries">{registries.length.toLocaleString('en')}</Stat>
        <Stat name="Replicas">{all.length.toLocaleString('en')}</Stat>
        <Stat name="Routed">{count(({ routed }) => routed === true)}</Stat>
        <Stat name="Switched off">{count(({ routed }) => routed === false)}</Stat>
        <Stat name="Flagged" mark={attention.length > 0 ? 'flag' : undefined}>
          {count(({ verdict }) => verdict === 'flagged')}
        </Stat>
      </dl>
      <Notes registries={registries} />
      <Attention replicas={attention} />
      <ReplicaMatrix registries={registries} />
    </Section>
  );
}

function stateOf({ unknown, registries }: StatusDocument, attention: number) {
  if (unknown.includes('reviews')) return unreadable;
  if (attention > 0) return { kind: 'flag', words: 'not even' } as const;
  if (registries.some(({ reviewedAt }) => reviewedAt === null)) {
    return { kind: 'unseen', words: 'not all reviewed yet' } as const;
  }
  if (registries.some(({ frozen, commonCause }) => frozen !== null || commonCause)) {
    return { kind: 'unseen', words: 'no decisions' } as const;
  }
  return registries.some(({ problems }) => problems.length > 0)
    ? ({ kind: 'wrong', words: 'not even' } as const)
    : ({ kind: 'ok', words: 'even' } as const);
}

/** What is to be said of whole registries. */
function Notes({ registries }: { readonly registries: readonly Registry[] }) {
  const noted = registries.filter((one) => one.frozen !== null || one.commonCause || one.problems.length > 0);
  if (noted.length === 0) return null;
  return (
    <ul class="messages">
      {noted.flatMap(({ registry, frozen, commonCause, problems }) => [
        ...(frozen === null
          ? []
          : [
              <li key={`${registry} frozen`}>
                <Badge kind="unseen" words={`${registry} is frozen`} /> since <Since at={frozen.since} />:{' '}
                <RichText text={frozen.reason} />
              </li>,
            ]),
        ...(commonCause
          ? [
              <li key={`${registry} common`}>
                <Badge kind="unseen" words={`${registry} is out of reach as a whole`} />: this review counts
                for no replica.
              </li>,
            ]
          : []),
        ...problems.map((problem) => (
          <li key={`${registry} ${problem}`}>
            <Badge kind="wrong" words={registry} />: <RichText text={problem} />
          </li>
        )),
      ])}
    </ul>
  );
}

interface Placed {
  readonly registry: string;
  readonly replica: Replica;
}

function Attention({ replicas }: { readonly replicas: readonly Placed[] }) {
  const { shown, toggle } = useShowMore(replicas, shortFlagged, 'flagged replicas');
  if (replicas.length === 0) return null;
  return (
    <>
      <div class="cards">
        {shown.map(({ registry, replica }) => (
          <article
            key={`${registry}/${replica.name}`}
            class="card"
            aria-label={`${registry} in ${replica.region}`}
          >
            <h3>
              <Badge kind="flag" words={`${registry} in ${replica.region}: ${replicaState(replica).label}`} />
            </h3>
            <ReplicaDetails replica={replica} />
          </article>
        ))}
      </div>
      {toggle}
    </>
  );
}
