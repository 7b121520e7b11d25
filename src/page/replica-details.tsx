import { Copyable } from './copyable.tsx';
import { Badge, Mark } from './marks.tsx';
import { Said } from './named.tsx';
import { holdingWords, wantedCommand } from './replica-look.ts';
import type { Replica } from './status.ts';
import { Ago, Since } from './time.tsx';
import { ruleWords } from './words.ts';

/** All that is known of one replica: why it stands as it does, what holds it, and what an operator may run. */
export function ReplicaDetails({ replica }: { readonly replica: Replica }) {
  const { verdict, since, reasons, action, routed, disabledByUs, lastChange } = replica;
  return (
    <div class="replica">
      <dl class="pairs">
        <dt>{verdict === 'flagged' ? 'Flagged since' : 'Not flagged since'}</dt>
        <dd>
          <Since at={since} />
        </dd>
        {reasons.length === 0 ? null : (
          <>
            <dt>Why</dt>
            <dd>
              <ul class="lines">
                {reasons.map((reason) => (
                  <li key={reason}>
                    <Said text={reason} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        <dt>Global routing</dt>
        <dd>{routingWords(routed, disabledByUs)}</dd>
        {action === null ? null : (
          <>
            <dt>What evenkeel does</dt>
            <dd>
              <Said text={actionWords(action)} />
            </dd>
          </>
        )}
        {lastChange === null ? null : (
          <>
            <dt>Last change</dt>
            <dd>
              {lastChange.to}, {lastChange.outcome}, <Ago at={lastChange.at} />
            </dd>
          </>
        )}
        <Contest replica={replica} />
        <EvidenceRows replica={replica} />
      </dl>
      <Interlocks replica={replica} />
      <Commands replica={replica} />
    </div>
  );
}

function routingWords(routed: boolean | null, disabledByUs: boolean): string {
  if (routed === null) return 'not known';
  if (routed) return 'takes part';
  return disabledByUs ? 'switched off by evenkeel' : 'switched off by somebody else';
}

const actionWords = ({ do: what, because }: NonNullable<Replica['action']>): string =>
  `${{ nothing: 'nothing', switchOff: 'switches it off', switchOn: 'switches it on' }[what] ?? what}: ${because}`;

function Contest({ replica: { reversals, contested, contestedBy } }: { readonly replica: Replica }) {
  if (reversals === 0 && !contested) return null;
  return (
    <>
      <dt>Reversed</dt>
      <dd>
        {reversals} times by {contestedBy ?? 'somebody else'}
        {contested ? '; evenkeel leaves it alone' : ''}
      </dd>
    </>
  );
}

function EvidenceRows({ replica: { evidence, reviews } }: { readonly replica: Replica }) {
  const { provisioning, reachability, lateImages, policy } = evidence;
  return (
    <>
      <dt>Provisioning</dt>
      <dd>
        {provisioning === null ? (
          'could not be read'
        ) : (
          <>
            {provisioning.state}
            {provisioning.message === undefined ? '' : `, ${provisioning.message}`}
          </>
        )}
      </dd>
      <dt>Regional endpoint</dt>
      <dd>{reachability === null ? 'not known' : reachabilityWords(reachability)}</dd>
      <dt>Late images</dt>
      <dd>
        {lateImages === null
          ? 'not known'
          : `${lateImages.late} of ${lateImages.lateInRegistry} in the registry`}
      </dd>
      {policy === null ? null : (
        <>
          <dt>Policy</dt>
          <dd>
            <Said text={policyWords(policy)} />
          </dd>
        </>
      )}
      {reviews.length === 0 ? null : (
        <>
          <dt>Last reviews</dt>
          <dd>
            <ol class="reviews">
              {reviews.map(({ at, health }) => (
                <li key={at} title={at}>
                  <Badge
                    kind={health === 'bad' ? 'wrong' : health === 'good' ? 'ok' : 'unseen'}
                    words={health}
                  />
                </li>
              ))}
            </ol>
          </dd>
        </>
      )}
    </>
  );
}

const policyWords = ({ routing, until }: NonNullable<Replica['evidence']['policy']>): string =>
  until === undefined ? `routing: ${routing}` : `routing: ${routing}, until ${until}`;

function reachabilityWords({
  kind,
  latencyMs,
  reason,
}: NonNullable<Replica['evidence']['reachability']>): string {
  const words = {
    alive: 'answers',
    throttled: 'answers, and asks for less',
    failing: 'fails',
    unknown: 'not known',
  };
  const said = Object.entries(words).find(([name]) => name === kind)?.[1] ?? kind;
  const took = latencyMs === undefined ? '' : ` after ${Math.round(latencyMs)} ms`;
  return `${said}${took}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Those that refuse first: they are what holds. */
function Interlocks({ replica }: { readonly replica: Replica }) {
  if (replica.interlocks.length === 0) return null;
  const sorted = replica.interlocks.toSorted((a, b) => Number(a.pass) - Number(b.pass));
  return (
    <>
      <p class="label">{holdingWords(replica)}</p>
      <ul class="interlocks">
        {sorted.map(({ rule, pass, detail }) => (
          <li key={rule} class={pass ? 'is-passing' : 'is-refusing'}>
            <Mark kind={pass ? 'ok' : 'wrong'} />
            <span>
              <span class="rule">{ruleWords(rule)}</span> {pass ? 'passes' : 'refuses'}:{' '}
              <span class="quiet">
                <Said text={detail} />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Commands({ replica }: { readonly replica: Replica }) {
  const { off, on, resume } = replica.commands;
  return (
    <>
      {resume === null ? null : <Copyable label="Have evenkeel look after it again" text={resume} />}
      {wantedCommand(replica) === 'off' ? (
        <Copyable label="Take it out of global routing" text={off} />
      ) : (
        <Copyable label="Put it back into global routing" text={on} />
      )}
    </>
  );
}
