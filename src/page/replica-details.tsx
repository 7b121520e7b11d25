import type { Replica } from '../status/schema.ts';
import { Copyable } from './copyable.tsx';
import { Disclosure } from './disclosure.tsx';
import { pluralize } from './format.ts';
import { Badge, Icon } from './icons.tsx';
import { Name, RichText, Since, TimeAgo } from './inline-text.tsx';
import { interlockLabel } from './labels.ts';
import { EndRehearsal, RehearsalRows } from './rehearsal.tsx';
import { commandWarning, interlockSummary, suggestedCommand } from './replica-state.ts';
import { ReplicaStrip } from './small-strip.tsx';

/** Everything known about one replica: the reasons of its verdict, the interlocks, and the commands for an operator. */
export function ReplicaDetails({ replica }: { readonly replica: Replica }) {
  const { verdict, since, reasons, action, routed, disabledByUs, lastChange } = replica;
  return (
    <div class="replica">
      <dl class="properties">
        <dt>{verdict === 'flagged' ? 'Flagged since' : 'Not flagged since'}</dt>
        <dd>
          <Since at={since} />
        </dd>
        {reasons.length === 0 ? null : (
          <>
            <dt>{reasons.length === 1 ? 'Reason' : 'Reasons'}</dt>
            <dd>
              <ul class="lines">
                {reasons.map((reason) => (
                  <li key={reason}>
                    <RichText text={reason} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        <RehearsalRows replica={replica} />
        <dt>Global routing</dt>
        <dd>{routingText(routed, disabledByUs)}</dd>
        {action === null ? null : (
          <>
            <dt>Action</dt>
            <dd>
              <RichText text={actionText(action)} />
            </dd>
          </>
        )}
        {lastChange === null ? null : (
          <>
            <dt>Last change</dt>
            <dd>
              {lastChange.to}, {lastChange.outcome}, <TimeAgo at={lastChange.at} />
            </dd>
          </>
        )}
        <Reversals replica={replica} />
        <ReplicaStrip replica={replica} />
      </dl>
      <Interlocks replica={replica} />
      <Commands replica={replica} />
      <Disclosure summary="Evidence and last reviews">
        {() => (
          <dl class="properties">
            <Evidence replica={replica} />
          </dl>
        )}
      </Disclosure>
    </div>
  );
}

function routingText(routed: boolean | null, disabledByUs: boolean): string {
  if (routed === null) return 'unknown';
  if (routed) return 'on';
  return disabledByUs ? 'switched off by evenkeel' : 'switched off by another writer';
}

const actions: Readonly<Record<string, string>> = {
  nothing: 'none',
  switchOff: 'switch off',
  switchOn: 'switch on',
};
const actionText = ({ do: action, because }: NonNullable<Replica['action']>): string =>
  `${actions[action] ?? action}: ${because}`;

function Reversals({ replica: { reversals, contested, contestedBy } }: { readonly replica: Replica }) {
  if (reversals === 0 && !contested) return null;
  return (
    <>
      <dt>Reversals</dt>
      <dd>
        {reversals} by <Name>{contestedBy ?? 'another writer'}</Name>
        {contested ? '; evenkeel leaves the replica alone' : ''}
      </dd>
    </>
  );
}

function Evidence({ replica: { evidence, notes, reviews } }: { readonly replica: Replica }) {
  const { provisioning, reachability, pull, lateImages, policy } = evidence;
  return (
    <>
      <dt>Provisioning</dt>
      <dd>
        {provisioning === null ? (
          'could not be read'
        ) : (
          <>
            {provisioning.state}
            {provisioning.displayStatus === undefined ? '' : `, ${provisioning.displayStatus}`}
            {provisioning.message === undefined ? '' : `, ${provisioning.message}`}
          </>
        )}
      </dd>
      <dt>Regional endpoint</dt>
      <dd>{reachability === null ? 'unknown' : reachabilityText(reachability)}</dd>
      {pull === undefined ? null : (
        <>
          <dt>Pull</dt>
          <dd>{pullText(pull)}</dd>
        </>
      )}
      <dt>Late images</dt>
      <dd>
        {lateImages === null
          ? 'unknown'
          : `${lateImages.late} of ${lateImages.lateInRegistry} in the registry${uncountedText(lateImages.uncounted)}`}
      </dd>
      {policy === null ? null : (
        <>
          <dt>Policy</dt>
          <dd>
            <RichText text={policyText(policy)} />
          </dd>
        </>
      )}
      {notes.length === 0 ? null : (
        <>
          <dt>Notes</dt>
          <dd>
            {notes.map((note) => (
              <p key={note}>
                <RichText text={note} />
              </p>
            ))}
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
                    tone={health === 'bad' ? 'error' : health === 'good' ? 'ok' : 'unknown'}
                    label={health}
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

const uncountedText = (uncounted = 0): string =>
  uncounted === 0 ? '' : `; ${uncounted} could not be asked for`;

const policyText = ({ routing, until }: NonNullable<Replica['evidence']['policy']>): string =>
  until === undefined ? `routing: ${routing}` : `routing: ${routing}, until ${until}`;

const reachabilities: Readonly<Record<string, string>> = {
  alive: 'answers',
  throttled: 'answers with throttling',
  failing: 'fails',
  unknown: 'unknown',
};

function reachabilityText({
  kind,
  latencyMs,
  reason,
}: NonNullable<Replica['evidence']['reachability']>): string {
  const latency = latencyMs === undefined ? '' : ` after ${Math.round(latencyMs)} ms`;
  return `${reachabilities[kind] ?? kind}${latency}${reason === undefined ? '' : `: ${reason}`}`;
}

const pulls: Readonly<Record<string, string>> = {
  served: 'works',
  throttled: 'is throttled',
  failing: 'fails',
  lacking: 'is refused here, and works elsewhere',
  unserved: 'works nowhere',
  unknown: 'unknown',
};

function pullText({ kind, latencyMs, reason }: NonNullable<Replica['evidence']['pull']>): string {
  const latency = latencyMs === undefined ? '' : ` after ${Math.round(latencyMs)} ms`;
  return `${pulls[kind] ?? kind}${latency}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Interlocks that refuse are in sight, the others on demand. */
function Interlocks({ replica }: { readonly replica: Replica }) {
  const { interlocks } = replica;
  if (interlocks.length === 0) return null;
  const passing = interlocks.filter(({ pass }) => pass);
  const refusing = interlocks.filter(({ pass }) => !pass);
  return (
    <>
      <p class="label">{interlockSummary(replica)}</p>
      {refusing.length === 0 ? null : <InterlockList interlocks={refusing} />}
      {passing.length === 0 ? null : (
        <Disclosure summary={pluralize(passing.length, 'interlock passes', 'interlocks pass')}>
          {() => <InterlockList interlocks={passing} />}
        </Disclosure>
      )}
    </>
  );
}

const InterlockList = ({ interlocks }: Pick<Replica, 'interlocks'>) => (
  <ul class="interlocks">
    {interlocks.map(({ rule, pass, detail }) => (
      <li key={rule} class={pass ? 'is-passing' : 'is-refusing'}>
        <Icon tone={pass ? 'ok' : 'error'} />
        <span>
          <span class="rule">{interlockLabel(rule)}</span> {pass ? 'passes' : 'refuses'}:{' '}
          <span class="muted">
            <RichText text={detail} />
          </span>
        </span>
      </li>
    ))}
  </ul>
);

/** A command that an interlock refuses stands beside the warning that names it. */
function Commands({ replica }: { readonly replica: Replica }) {
  const { commands, infrastructureCode } = replica;
  const command = suggestedCommand(replica);
  const warning = commandWarning(replica, command);
  const label = command === 'off' ? 'Take it out of global routing' : 'Put it back into global routing';
  return (
    <>
      <EndRehearsal replica={replica} />
      {infrastructureCode === null ? null : (
        <>
          <Copyable isSample label="End the contest in Terraform" text={infrastructureCode.terraform} />
          <Copyable isSample label="End the contest in Bicep" text={infrastructureCode.bicep} />
        </>
      )}
      {commands.resume === null ? null : (
        <Copyable label="Let evenkeel manage it again" text={commands.resume} />
      )}
      <Copyable label={label} text={commands[command]} warning={warning} />
      {commands.note === null ? null : <p class="muted">{commands.note}</p>}
    </>
  );
}
