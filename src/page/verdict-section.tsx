import type { Problem } from '../status/schema.ts';
import { Disclosure } from './disclosure.tsx';
import { formatDuration, formatNumber } from './format.ts';
import { Icon } from './icons.tsx';
import { RichText, Since } from './inline-text.tsx';
import { KeyForm } from './key-form.tsx';
import { nextStep, type StepFacts } from './next-step.ts';
import { NextStepView } from './next-step-view.tsx';
import type { Tone } from './tone.ts';
import type { CurrentVerdict, ProblemGroup, Verdict } from './verdict.ts';

const tones = {
  good: 'ok',
  problems: 'error',
  unknown: 'unknown',
  empty: 'none',
} as const satisfies Record<Verdict['kind'], Tone>;

/** A longer list of problems of one kind starts closed. */
const maxOpenProblems = 4;
/** Nobody reads a longer list to its end. */
const maxListedProblems = 100;

interface VerdictProps {
  readonly verdict: CurrentVerdict;
  /** `undefined` before the first answer. */
  readonly facts: StepFacts | undefined;
  /** The page's clock. */
  readonly nowMs: number;
  readonly onKey: (key: string) => void;
}

export const VerdictSection = ({ verdict, facts, nowMs, onKey }: VerdictProps) => (
  <section class={`verdict is-${tones[verdict.kind]}`} aria-labelledby="verdict">
    <h2 id="verdict">
      <Icon tone={tones[verdict.kind]} />
      <span>{verdict.headline}</span>
    </h2>
    <RefreshFailure verdict={verdict} nowMs={nowMs} onKey={onKey} />
    {verdict.groups.length === 0 || facts === undefined ? null : (
      <ul class="problems">
        {verdict.groups.map((group) => (
          <li key={group.code}>
            <ProblemGroupItem group={group} facts={facts} />
          </li>
        ))}
      </ul>
    )}
  </section>
);

/** Why there is no newer data, what to do about it, and how old the data is. */
function RefreshFailure({
  verdict: { failure, previous, nextAtMs },
  nowMs,
  onKey,
}: Omit<VerdictProps, 'facts'>) {
  if (failure === undefined && previous === undefined) return null;
  const isKeyRefused = failure?.problem.kind === 'keyRefused';
  return (
    <div class="refresh-failure">
      {failure === undefined ? null : (
        <>
          <p>{failure.problem.message}</p>
          <p>
            {failure.problem.advice}
            {nextAtMs === undefined
              ? ''
              : ` The page asks again in ${formatDuration(Math.max(1000, nextAtMs - nowMs))}.`}
          </p>
        </>
      )}
      {isKeyRefused ? <KeyForm onKey={onKey} /> : null}
      {previous === undefined ? null : (
        <p>
          What follows is {formatDuration(nowMs - previous.receivedAtMs)} old. The status was:{' '}
          {previous.headline}.
        </p>
      )}
    </div>
  );
}

interface ProblemGroupProps {
  readonly group: ProblemGroup;
  readonly facts: StepFacts;
}

function ProblemGroupItem({ group, facts }: ProblemGroupProps) {
  const { title, kind, section, since, problems } = group;
  const [first] = problems;
  const only = problems.length === 1 ? first : undefined;
  return (
    <>
      <Icon tone={kind === 'wrong' ? 'error' : 'unknown'} />
      <div class="problem">
        <p>
          <strong>{section === undefined ? title : <a href={`#${section}`}>{title}</a>}</strong>
          {since === null ? null : (
            <span class="when">
              {only === undefined ? 'oldest since ' : 'since '}
              <Since at={since} />
            </span>
          )}
        </p>
        {only === undefined ? (
          <Disclosure summary="Show each" startsOpen={problems.length <= maxOpenProblems}>
            {() => <Messages problems={problems} facts={facts} />}
          </Disclosure>
        ) : (
          <>
            <p class="message">
              <RichText text={only.message} />
            </p>
            <NextStepView step={nextStep(only, facts)} />
          </>
        )}
      </div>
    </>
  );
}

interface MessagesProps {
  readonly problems: readonly Problem[];
  readonly facts: StepFacts;
}

const Messages = ({ problems, facts }: MessagesProps) => (
  <>
    <ul class="messages">
      {problems.slice(0, maxListedProblems).map((problem) => {
        const { message, since } = problem;
        return (
          <li key={message}>
            <RichText text={message} />
            {since === null ? null : (
              <span class="when">
                since <Since at={since} />
              </span>
            )}
            <Disclosure summary="What to do">
              {() => <NextStepView step={nextStep(problem, facts)} />}
            </Disclosure>
          </li>
        );
      })}
    </ul>
    {problems.length > maxListedProblems ? (
      <p class="muted">And {formatNumber(problems.length - maxListedProblems)} more.</p>
    ) : null}
  </>
);
