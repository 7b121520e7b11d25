import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { count, shortGroup } from '../../output/text.ts';
import { type DeliveryState, type FailedDelivery, type Selection, stateOf } from './failed-delivery.ts';
import type { ReplayResult } from './send-again.ts';

/** What the command found, and what it sent. */
export interface Replay {
  readonly deliveries: readonly FailedDelivery[];
  /** How many of them are waiting to be sent. */
  readonly waiting: number;
  /** Poison messages that can be seen only once others are taken from the queue. */
  readonly unseenMessages: number;
  readonly selection: Selection;
  /** `undefined` without `--send`. */
  readonly sent: readonly ReplayResult[] | undefined;
  readonly exitCode: number;
}

/** The document for programs. */
export const replayDocument = ({ deliveries, unseenMessages, selection, sent, exitCode }: Replay) => ({
  missed: deliveries.map((delivery) => ({
    source: delivery.source,
    functionName: delivery.functionName ?? null,
    reason: delivery.reason,
    detail: delivery.detail,
    subjects: delivery.subjects,
    missedAt: delivery.failedAt,
    replayedAt: delivery.replayedAt ?? null,
    events: delivery.deadLetters.length,
    state: stateOf(delivery, selection),
  })),
  unseenMessages,
  sent: (sent ?? []).map(({ delivery, failure }) => ({ source: delivery.source, failure: failure ?? null })),
  exitCode,
});

/** The lines for people: a table of the failed deliveries, what was not accepted, and a summary in the last line. */
export function replayLines(replay: Replay, pc: Palette): string[] {
  const { deliveries, unseenMessages, selection, sent = [] } = replay;
  const failures = sent.filter(({ failure }) => failure !== undefined);
  const byReason = Map.groupBy(failures, ({ failure }) => failure);
  return [
    ...(deliveries.length === 0 ? [] : deliveryTable(deliveries, selection, pc)),
    ...(unseenMessages === 0
      ? []
      : [`… and about ${count(unseenMessages, 'more poison message')}, which --send includes`]),
    ...[...byReason].map(([reason, group]) => `${pc.red('✖')} ${group.length} not accepted: ${reason}`),
    summaryLine(replay, failures.length, pc),
  ];
}

function summaryLine({ waiting, sent }: Replay, failures: number, pc: Palette): string {
  if (sent === undefined) {
    return waiting === 0
      ? `${pc.green('✔')} nothing is waiting to be sent`
      : `${pc.yellow('!')} ${waiting} waiting; send with: evenkeel replay --send`;
  }
  const mark = failures === 0 ? pc.green('✔') : pc.red('✖');
  return `${mark} ${sent.length - failures} sent, ${failures} not accepted; nothing was deleted`;
}

/** Subjects that are listed for a group of deliveries. */
const maxSubjects = 3;

/** One row for each function, reason, outcome and state. */
function deliveryTable(deliveries: readonly FailedDelivery[], selection: Selection, pc: Palette): string[] {
  const groups = Map.groupBy(deliveries, (delivery) =>
    JSON.stringify([delivery.functionName, delivery.reason, delivery.detail, stateOf(delivery, selection)]),
  );
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const times = group.map(({ failedAt }) => failedAt.toISOString().replace(/\.\d+/, '')).sort();
    return [
      [
        first.functionName ?? 'unknown',
        first.reason,
        first.detail,
        paintState(stateOf(first, selection), pc),
        String(group.length),
        times[0] ?? '',
        times.at(-1) ?? '',
        subjectsText(group),
      ],
    ];
  });
  const titles = ['function', 'reason', 'last outcome', 'state', 'count', 'oldest', 'newest', 'about'];
  return tableLines({ titles }, rows, pc);
}

const paintState = (state: DeliveryState, pc: Palette): string =>
  state === 'waiting' ? pc.yellow(state) : pc.dim(state);

function subjectsText(group: readonly FailedDelivery[]): string {
  const subjects = [...new Set(group.flatMap((delivery) => delivery.subjects.map(shortGroup)))];
  const more = subjects.length - maxSubjects;
  return `${subjects.slice(0, maxSubjects).join(', ')}${more > 0 ? `, … ${more} more` : ''}`;
}
