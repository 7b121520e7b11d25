import type { Problem } from '../status/schema.ts';
import { Disclosure } from './disclosure.tsx';
import { formatDuration } from './format.ts';
import { Icon, type Tone } from './icons.tsx';
import { RichText, Since } from './inline-text.tsx';
import type { CurrentVerdict, ProblemGroup, Verdict } from './verdict.ts';

const marks = {
  even: 'ok',
  uneven: 'wrong',
  unseen: 'unseen',
  empty: 'none',
} as const satisfies Record<Verdict['kind'], Tone>;

/** As many of a kind stand there without a click. */
const openProblems = 4;
/** A list that nobody reads to its end. */
const listedProblems = 100;

interface VerdictProps {
  readonly shown: CurrentVerdict;
  /** By the page's clock. */
  readonly nowMs: number;
}

export const VerdictSection = ({ shown, nowMs }: VerdictProps) => (
  <section class={`verdict is-${marks[shown.kind]}`} aria-labelledby="verdict">
    <h2 id="verdict">
      <Icon kind={marks[shown.kind]} />
      <span>{shown.headline}</span>
    </h2>
    <Trouble shown={shown} nowMs={nowMs} />
    {shown.groups.length === 0 ? null : (
      <ul class="problems">
        {shown.groups.map((group) => (
          <li key={group.code}>
            <GroupOfProblems group={group} />
          </li>
        ))}
      </ul>
    )}
  </section>
);

/** Why there is nothing newer. */
function Trouble({ shown: { failure, before, nextAtMs }, nowMs }: VerdictProps) {
  if (failure === undefined) return null;
  const next =
    nextAtMs === undefined ? '' : ` Asking again in ${formatDuration(Math.max(1000, nextAtMs - nowMs))}.`;
  return (
    <div class="trouble">
      <p>
        {failure.message}
        {next}
      </p>
      {before === undefined ? null : (
        <p>
          What is below was told {formatDuration(nowMs - before.receivedAtMs)} ago. Then it was:{' '}
          {before.headline}.
        </p>
      )}
    </div>
  );
}

function GroupOfProblems({ group }: { readonly group: ProblemGroup }) {
  const { title, kind, section, since, problems } = group;
  const [only] = problems;
  return (
    <>
      <Icon kind={kind === 'wrong' ? 'wrong' : 'unseen'} />
      <div class="problem">
        <p>
          <strong>{section === undefined ? title : <a href={`#${section}`}>{title}</a>}</strong>
          {since === null ? null : (
            <span class="when">
              {problems.length === 1 ? 'since ' : 'the oldest since '}
              <Since at={since} />
            </span>
          )}
        </p>
        {only !== undefined && problems.length === 1 ? (
          <p class="message">
            <RichText text={only.message} />
          </p>
        ) : null}
        {problems.length === 1 ? null : (
          <Disclosure summary="Each of them" startsOpen={problems.length <= openProblems}>
            {() => <Messages problems={problems} />}
          </Disclosure>
        )}
      </div>
    </>
  );
}

const Messages = ({ problems }: { readonly problems: readonly Problem[] }) => (
  <>
    <ul class="messages">
      {problems.slice(0, listedProblems).map(({ message, since }) => (
        <li key={message}>
          <RichText text={message} />
          {since === null ? null : (
            <span class="when">
              since <Since at={since} />
            </span>
          )}
        </li>
      ))}
    </ul>
    {problems.length > listedProblems ? (
      <p class="quiet">And {problems.length - listedProblems} more.</p>
    ) : null}
  </>
);
