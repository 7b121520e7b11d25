import { setImmediate as everythingThatCanRun } from 'node:timers/promises';
import type { ContainerGroupId, LiveGroup } from '../../../src/dns/container-group.ts';
import { dryRun } from '../../../src/dns/dry-run.ts';
import { type ReconcileRequest, reconcile } from '../../../src/dns/reconcile.ts';
import { type ObservedRecordSet, type RecordSetKey, recordSetId } from '../../../src/dns/record-set.ts';
import { spokeOf } from '../fixtures.ts';
import { type Call, portsThrough } from '../in-memory-azure.ts';
import { type Ablation, seen, shown } from './ablation.ts';
import { type Answer, errorOf } from './answer.ts';
import { lifeMs } from './clocks.ts';
import { aKeyIn, hostLabelOf, policyOf } from './places.ts';
import { hostTagName, type Settings } from './scenario.ts';

/** All that an invocation depends on besides the answers that it gets. */
export interface Request {
  readonly group: ContainerGroupId;
  readonly hints: readonly string[];
  readonly recordSets: readonly RecordSetKey[];
  readonly settings: Settings;
  /** What its clock shows when it begins. */
  readonly nowMs: number;
}

/** An answer, and when it came, since the invocation began. */
export type TimedAnswer = Answer & { readonly elapsedMs: number };

/** How far an invocation has come: what it was answered, and what it asks now. */
export interface Point {
  readonly id: number;
  readonly request: Request;
  readonly answers: readonly TimedAnswer[];
  /** The calls that wait for an answer, all made at one moment; none once it ended. */
  readonly calls: readonly Call[];
  readonly end: 'succeeded' | 'failed' | undefined;
  /** Its last call may have changed something. A crash any later, after reads only, comes to the same. */
  readonly hasJustActed: boolean;
  /** The A record set that its next pass begins with, as far as it knows its group. */
  readonly ownA: string;
  readonly next: Map<string, Point>;
}

/** The token of a record set in an answer: where in the history it was read. The world knows which still hold. */
export const tokenOf = (answerIndex: number): string => `read-${answerIndex}`;

/**
 * Runs the reconciler on histories of answers. An invocation is a function of its request and its answers, so each
 * history is run once, however many interleavings lead to it: a state of the exploration holds a `Point`, not a
 * process.
 */
export class Invocations {
  readonly #starts = new Map<string, Point>();
  readonly #ablation: Ablation;
  #points = 0;

  constructor(ablation: Ablation) {
    this.#ablation = ablation;
  }

  /** Histories that were run. */
  get count(): number {
    return this.#points;
  }

  async start(request: Request): Promise<Point> {
    const { group, hints, recordSets, nowMs, settings } = request;
    const key = JSON.stringify([group.key, hints, recordSets.map(recordSetId), nowMs, settings.name]);
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const point = await this.#run(request, []);
    this.#starts.set(key, point);
    return point;
  }

  /** @param key tells these answers from others to the same calls. */
  advance(point: Point, answers: readonly Answer[], elapsedMs: number, key: string): Point | Promise<Point> {
    const timedKey = `${elapsedMs} ${key}`;
    const known = point.next.get(timedKey);
    if (known !== undefined) return known;
    const timed = answers.map((answer): TimedAnswer => ({ ...answer, elapsedMs }));
    return this.#run(point.request, [...point.answers, ...timed]).then((next) => {
      point.next.set(timedKey, next);
      return next;
    });
  }

  async #run(request: Request, answers: readonly TimedAnswer[]): Promise<Point> {
    const { group, hints, recordSets, settings, nowMs } = request;
    const calls: Call[] = [];
    let asked = 0;
    let elapsedMs = 0;
    let lastLive: LiveGroup | undefined;
    let hasWritten = false;
    let isUnread = false;
    /** The look before A, in a pass that has not made the one after it. */
    let firstLook: LiveGroup | undefined;
    let misplacedA: ObservedRecordSet | undefined;
    let lastAnswered: Call | undefined;

    const { keepsFirstTags = false, removesMisplacedAFirst = false, takesUnreadForAbsent } = this.#ablation;
    const spoke = spokeOf(group, settings.zones);
    const ownA = () => {
      const tags = lastLive !== undefined && 'tags' in lastLive ? lastLive.tags : undefined;
      return recordSetId(aKeyIn(spoke, hostLabelOf(spoke, group, tags?.[hostTagName])));
    };
    const answerTo = (call: Call): Promise<Answer & { readonly at: number }> => {
      const at = asked++;
      const answer = answers[at];
      if (answer !== undefined) {
        elapsedMs = answer.elapsedMs;
        lastAnswered = call;
        return Promise.resolve({ ...answer, at });
      }
      calls.push(call);
      return new Promise(() => {});
    };
    const ports = portsThrough({
      read: async (call) => {
        const answer = await answerTo(call);
        const isBeginning = recordSetId(call.key) === ownA();
        if (isBeginning) isUnread = false;
        if (isBeginning) misplacedA = undefined;
        if (answer.kind === 'set') {
          const { content } = answer;
          if (content === undefined) return undefined;
          const metadata = seen(this.#ablation, content.metadata, () => lastLive?.kind === 'addressed');
          const observed = {
            ...content,
            metadata,
            key: call.key,
            etag: tokenOf(answer.at),
            isAutoRegistered: false,
          };
          const isOurs = metadata['evenkeelOwner'] === group.key;
          if (call.key.type === 'A' && !isBeginning && isOurs) misplacedA = observed;
          return observed;
        }
        isUnread = true;
        if (takesUnreadForAbsent === 'always' && call.key.type === 'PTR') return undefined;
        if (takesUnreadForAbsent === 'whenGone' && lastLive?.kind === 'unaddressed') return undefined;
        throw errorOf(answer, call);
      },
      readGroup: async (call) => {
        const isOwn = call.group.key === request.group.key;
        const isConfirmation = hasWritten && isOwn;
        hasWritten = false;
        if (isConfirmation && lastLive !== undefined && this.#isStale(lastLive)) return lastLive;
        const answer = await answerTo(call);
        if (answer.kind === 'group') {
          if (!isOwn) return answer.live;
          const live =
            keepsFirstTags && firstLook !== undefined ? withTagsOf(firstLook, answer.live) : answer.live;
          const isFirst = spoke.hostNameTag !== undefined && !isConfirmation && firstLook === undefined;
          firstLook = isFirst ? live : undefined;
          lastLive = live;
          return live;
        }
        throw errorOf(answer, call);
      },
      act: async (call) => {
        const isA = call.kind !== 'requeue' && call.key.type === 'A';
        if (this.#ablation.waitsForReverse === true && isUnread && isA)
          throw errorOf({ kind: 'refused' }, call);
        if (removesMisplacedAFirst && misplacedA !== undefined && call.kind === 'delete' && !isA) {
          await answerTo({ kind: 'delete', key: misplacedA.key, from: misplacedA });
          misplacedA = undefined;
        }
        const answer = await answerTo(call);
        if (answer.kind !== 'done') throw errorOf(answer, call);
        hasWritten ||= call.kind !== 'requeue';
      },
    });
    let end: Point['end'];
    const target: ReconcileRequest = {
      group,
      spoke,
      zones: settings.zones,
      foreignRecords: 'overwrite',
      policy: this.#ablation.ignoresPolicy === true ? 'sync' : policyOf(group, settings),
      hints,
      recordSets,
      trigger: 'event',
    };
    const clock = { now: () => shown(this.#ablation, () => nowMs + elapsedMs), sleep: async () => {} };
    const deadline = { signal: new AbortController().signal, remainingMs: () => lifeMs - elapsedMs };
    const { containerGroups, recordSets: stored } = ports;
    const others = {
      rateLimiter: { reserve: (_: unknown, retryAfterMs: number) => retryAfterMs },
      random: () => 0,
    };
    // As `reconcileAndReport` does it.
    const work =
      target.policy === 'observe'
        ? dryRun(target, { containerGroups, recordSets: { read: stored.read }, clock }, deadline)
        : reconcile(target, { ...ports, ...others, clock }, deadline);
    void work.then(
      () => {
        end = 'succeeded';
      },
      () => {
        end = 'failed';
      },
    );
    await everythingThatCanRun();
    if (end === undefined && calls.length === 0) throw new Error('an invocation waits for nothing');
    const isRead = lastAnswered?.kind === 'read' || lastAnswered?.kind === 'readGroup';
    return {
      id: this.#points++,
      request,
      answers,
      calls: end === undefined ? calls : [],
      end,
      hasJustActed: !isRead && ['done', 'uncertain'].includes(answers.at(-1)?.kind ?? ''),
      ownA: ownA(),
      next: new Map(),
    };
  }

  #isStale(lastLive: LiveGroup): boolean {
    const { staleConfirmation } = this.#ablation;
    if (staleConfirmation === 'afterWrite') return true;
    return staleConfirmation === 'afterRemoval' && lastLive.kind === 'unaddressed';
  }
}

const withTagsOf = (first: LiveGroup, live: LiveGroup): LiveGroup =>
  'tags' in first && first.tags !== undefined && live.kind === 'addressed'
    ? { ...live, tags: first.tags }
    : live;
