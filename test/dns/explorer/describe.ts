import type { LiveGroup } from '../../../src/dns/container-group.ts';
import { fullName, type RecordSetContent, type RecordSetKey } from '../../../src/dns/record-set.ts';
import type { Call } from '../in-memory-azure.ts';
import type { Answer } from './answer.ts';
import { labelOf } from './scenario.ts';

/** `reads A web.contoso.com: 10.1.0.4`, for each call of a step. */
export const describeStep = (calls: readonly Call[], answers: readonly Answer[]): string =>
  calls.map((call, index) => `${describeCall(call)}: ${describeAnswer(answers[index])}`).join(', ');

function describeCall(call: Call): string {
  switch (call.kind) {
    case 'readGroup':
      return `reads ${labelOf(call.group)}`;
    case 'requeue':
      return `queues ${labelOf(call.message.group)} with ${[...call.message.addresses, ...call.message.recordSets.map(nameOf)].join(' ') || 'no address'}`;
    case 'read':
      return `reads ${nameOf(call.key)}`;
    case 'delete':
      return `deletes ${nameOf(call.key)}`;
    default:
      return `${call.kind}s ${nameOf(call.key)} ${describeContent(call.to)}`;
  }
}

/** With the zone, since one name may be in two reverse zones. */
export const nameOf = (key: RecordSetKey): string =>
  key.type === 'A' ? `A ${fullName(key)}` : `PTR ${key.name} in ${key.zone.name}`;

function describeAnswer(answer: Answer | undefined): string {
  switch (answer?.kind) {
    case 'set':
      return answer.content === undefined ? 'absent' : describeContent(answer.content);
    case 'group':
      return describeLive(answer.live);
    default:
      return answer?.kind ?? 'no answer';
  }
}

function describeLive(live: LiveGroup): string {
  if (live.kind !== 'addressed' && live.kind !== 'unaddressed') return live.kind;
  const what = live.kind === 'addressed' ? live.address : live.reason;
  return [what, ...Object.values(live.tags ?? {})].join(' tagged ');
}

function describeContent({ values, metadata }: RecordSetContent): string {
  const previous = metadata['evenkeelPrevious']?.replace(/@[^,]*/g, '');
  return values.join(' ') + (previous === undefined ? '' : ` (before: ${previous})`);
}
