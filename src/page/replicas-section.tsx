import type { ComponentProps } from 'preact';
import type { Registry, Replica, StatusDocument } from '../status/schema.ts';
import { withShownNames } from '../status/shown-name.ts';
import { useShowMore } from './disclosure.tsx';
import { formatNumber, pluralize } from './format.ts';
import { Badge, type BadgeProps } from './icons.tsx';
import { RichText, Since } from './inline-text.tsx';
import type { Part } from './part.ts';
import { ReplicaDetails } from './replica-details.tsx';
import { ReplicaMatrix } from './replica-matrix.tsx';
import { needsAttention, replicaState } from './replica-state.ts';
import { allGood, Section, Stat, Stats, unreadable } from './section.tsx';

const initialCards = 4;

export const replicasPart: Part = {
  id: 'replicas',
  link: 'Replicas',
  state: (status) => (status.registries.length === 0 ? undefined : stateOf(status)),
  View: ReplicasSection,
};

const replicasOf = (registries: readonly Registry[]): RegistryReplica[] =>
  registries.flatMap(({ registry, replicas }) => replicas.map((replica) => ({ registry, replica })));

function ReplicasSection({ status, shown }: ComponentProps<Part['View']>) {
  const all = replicasOf(status.registries);
  const named = withShownNames(status.registries);
  const registries = shown.registries.map((one) => ({
    ...one,
    registry:
      named.find(({ id, loginServer }) => id === one.id && loginServer === one.loginServer)?.registry ??
      one.registry,
  }));
  const attention = replicasOf(registries).filter(({ replica }) => needsAttention(replica));
  const count = (matches: (replica: Replica) => boolean) =>
    formatNumber(all.filter(({ replica }) => matches(replica)).length);
  const flagged = all.filter(({ replica }) => needsAttention(replica)).length;
  return (
    <Section
      id="replicas"
      title="Replicas"
      state={stateOf(status)}
      summary={`${pluralize(all.length, 'replica')} of ${pluralize(status.registries.length, 'registry', 'registries')}, ${count(({ routed }) => routed === true)} in global routing`}
      rows={registries.length}
    >
      <Stats>
        <Stat name="Routed">{count(({ routed }) => routed === true)}</Stat>
        <Stat name="Switched off">{count(({ routed }) => routed === false)}</Stat>
        <Stat name="Flagged" tone={flagged > 0 ? 'warning' : undefined}>
          {count(({ verdict }) => verdict === 'flagged')}
        </Stat>
      </Stats>
      <RegistryNotes registries={registries} />
      <AttentionCards replicas={attention} />
      {registries.length === 0 ? null : <ReplicaMatrix registries={registries} />}
    </Section>
  );
}

function stateOf({ unknown, registries }: StatusDocument): BadgeProps {
  if (unknown.includes('reviews')) return unreadable;
  const attention = replicasOf(registries).filter(({ replica }) => needsAttention(replica)).length;
  if (attention > 0) {
    return { tone: 'warning', label: `${pluralize(attention, 'replica needs', 'replicas need')} attention` };
  }
  if (registries.some(({ reviewedAt }) => reviewedAt === null)) {
    return { tone: 'unknown', label: 'not all reviewed yet' };
  }
  if (registries.some(({ frozen, commonCause }) => frozen !== null || commonCause)) {
    return { tone: 'unknown', label: 'decisions paused' };
  }
  const problems = registries.reduce((sum, registry) => sum + registry.problems.length, 0);
  return problems > 0 ? { tone: 'error', label: pluralize(problems, 'problem') } : allGood;
}

/** Notes on whole registries. */
function RegistryNotes({ registries }: { readonly registries: readonly Registry[] }) {
  const noted = registries.filter(
    ({ frozen, commonCause, problems }) => frozen !== null || commonCause || problems.length > 0,
  );
  if (noted.length === 0) return null;
  return (
    <ul class="messages">
      {noted.flatMap(({ registry, frozen, commonCause, problems }) => [
        ...(frozen === null
          ? []
          : [
              <li key={`${registry} frozen`}>
                <Badge tone="unknown" label={`${registry}: routing decisions are paused`} /> since{' '}
                <Since at={frozen.since} />: <RichText text={frozen.reason} />
              </li>,
            ]),
        ...(commonCause
          ? [
              <li key={`${registry} common`}>
                <Badge tone="unknown" label={`${registry} is unreachable as a whole`} />: this review counts
                for none of its replicas.
              </li>,
            ]
          : []),
        ...problems.map((problem) => (
          <li key={`${registry} ${problem}`}>
            <Badge tone="error" label={registry} />: <RichText text={problem} />
          </li>
        )),
      ])}
    </ul>
  );
}

interface RegistryReplica {
  readonly registry: string;
  readonly replica: Replica;
}

function AttentionCards({ replicas }: { readonly replicas: readonly RegistryReplica[] }) {
  const { shown, toggle } = useShowMore(replicas, initialCards, 'flagged replicas');
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
              <Badge
                tone="warning"
                label={`${registry} in ${replica.region}: ${replicaState(replica).label}`}
              />
            </h3>
            <ReplicaDetails replica={replica} />
          </article>
        ))}
      </div>
      {toggle}
    </>
  );
}
