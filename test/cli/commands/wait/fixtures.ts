import {
  type Answer,
  type RegionState,
  type Replication,
  readAnswer,
} from '../../../../src/cli/commands/wait/answer.ts';
import { parseImageReference } from '../../../../src/cli/commands/wait/image-reference.ts';
import type { WaitCondition } from '../../../../src/cli/commands/wait/wait-condition.ts';

export const digest = `sha256:${'1a2b3c4d'.repeat(8)}`;
export const otherDigest = `sha256:${'9f8e7d6c'.repeat(8)}`;

/** `eastus` waits, `eastus+webhook` has it by that evidence, `eastus!unverified` is in that state. */
export function region(text: string): RegionState {
  const [, name = '', mark, rest] = /^(\w+)(?:([+!])(\w*))?$/.exec(text) ?? [];
  if (mark === '!') return { region: name, state: rest ?? '' };
  return mark === '+'
    ? { region: name, state: 'available', evidence: rest || null }
    : { region: name, state: 'waiting' };
}

export const replication = (
  state: Replication['state'],
  regions: readonly string[],
  more: Partial<Replication> = {},
): Replication => ({ digest, ...more, state, regions: regions.map(region) });

export const conditionOf = (more: Partial<WaitCondition> = {}): WaitCondition => ({
  image: parseImageReference('myregistry/team/app:v1'),
  regions: 'all',
  gone: false,
  minEvidence: 'any',
  closure: false,
  throughStall: false,
  timeoutMs: 600_000,
  ...more,
});

/** What the app answers, through the parser, so that a fixture cannot say what no answer says. */
export const answer = (status: number, body?: object, retryAfter?: number): Answer =>
  readAnswer(
    status,
    body === undefined ? '' : JSON.stringify(body),
    retryAfter === undefined ? null : String(retryAfter),
  );

export const failure = (code: string, message = 'a sentence') => ({ error: { code, message } });
