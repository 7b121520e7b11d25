import type { Deadline } from '../../lib/deadline.ts';
import type { NotAsked } from '../../registries/ports.ts';
import type { Registry } from '../../registries/registry.ts';
import type { EndpointAnswer, EndpointCaller } from './caller.ts';

/** What is left of an answer that says neither that something is there nor that it is not. */
export async function notAskedOf(
  registry: Registry,
  answer: EndpointAnswer,
  { explain }: EndpointCaller,
  deadline: Deadline,
): Promise<NotAsked> {
  if (answer.kind === 'throttled')
    return { kind: 'throttled', by: answer.by, retryAfterMs: answer.retryAfterMs };
  if (answer.kind !== 'answered') return { kind: 'unverified', reason: answer.reason };
  const isRefusal = answer.status === 401 || answer.status === 403;
  const reason = isRefusal ? await explain(registry, answer, deadline) : `answered ${answer.status}`;
  return { kind: 'unverified', reason };
}
