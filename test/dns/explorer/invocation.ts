import { setImmediate as everythingThatCanRun } from 'node:timers/promises';
import type { ContainerGroupId, LiveGroup } from '../../../src/dns/container-group.ts';
import { RecordSetChangedError } from '../../../src/dns/errors.ts';
import { reconcile } from '../../../src/dns/reconcile.ts';
import type { ObservedRecordSet, RecordSetContent } from '../../../src/dns/record-set.ts';
import { UncertainCallError } from '../../../src/lib/errors.ts';
import { spokeOf, zones } from '../fixtures.ts';
import { type Call, portsThrough } from '../in-memory-azure.ts';

/** All that an invocation depends on besides the answers that it gets. Its clock stands still. */
export interface Request {
  readonly group: ContainerGroupId;
  readonly hints: readonly string[];
  readonly nowMs: number;
}

export type Answer =
  | { readonly kind: 'set'; readonly content: RecordSetContent | undefined }
  | { readonly kind: 'group'; readonly live: LiveGroup }
  | { readonly kind: 'done' | 'changed' | 'uncertain' };

/** How far an invocation has come: what it was answered, and what it asks now. */
export interface Point {
  readonly id: number;
  readonly request: Request;
  readonly answers: readonly Answer[];
  /** The calls that wait for an answer, all made at one moment; none once it ended. */
  readonly calls: readonly Call[];
  readonly end: 'succeeded' | 'failed' | undefined;
  /** Its last call may have changed something. A crash any later, after reads only, comes to the same. */
  readonly hasJustActed: boolean;
  readonly next: Map<string, Point>;
}

/** Which looks at the group after a write are answered with what was seen before it. */
export type StaleConfirmation = 'afterRemoval' | 'afterWrite' | undefined;

/** The token of a record set in an answer: where in the history it was read. The world knows which still hold. */
export const tokenOf = (answerIndex: number): string => `read-${answerIndex}`;

/**
 * Runs the reconciler on histories of answers. An invocation is a function of its request and its answers, so each
 * history is run once, however many interleavings lead to it: a state of the exploration holds a `Point`, not a
 * process.
 */
export class Invocations {
  readonly #starts = new Map<string, Point>();
  readonly #staleConfirmation: StaleConfirmation;
  #points = 0;

  constructor(staleConfirmation: StaleConfirmation) {
    this.#staleConfirmation = staleConfirmation;
  }

  /** Histories that were run. */
  get count(): number {
    return this.#points;
  }

  async start(request: Request): Promise<Point> {
    const key = JSON.stringify([request.group.key, request.hints, request.nowMs]);
    const known = this.#starts.get(key);
    if (known !== undefined) return known;
    const point = await this.#run(request, []);
    this.#starts.set(key, point);
    return point;
  }

  /** @param key tells these answers from others to the same calls. */
  advance(point: Point, answers: readonly Answer[], key: string): Point | Promise<Point> {
    const known = point.next.get(key);
    if (known !== undefined) return known;
    return this.#run(point.request, [...point.answers, ...answers]).then((next) => {
      point.next.set(key, next);
      return next;
    });
  }

  async #run(request: Request, answers: readonly Answer[]): Promise<Point> {
    const calls: Call[] = [];
    let asked = 0;
    let lastLive: LiveGroup | undefined;
    let hasWritten = false;

    const answerTo = (call: Call): Promise<Answer & { readonly at: number }> => {
      const at = asked++;
      const answer = answers[at];
      if (answer !== undefined) return Promise.resolve({ ...answer, at });
      calls.push(call);
      return new Promise(() => {});
    };
    const ports = portsThrough({
      read: async (call) => {
        const answer = await answerTo(call);
        if (answer.kind !== 'set') throw new UncertainCallError('read', 'zone', 'no answer');
        return answer.content && observed(call, answer.content, tokenOf(answer.at));
      },
      readGroup: async (call) => {
        const isConfirmation = hasWritten && call.group.key === request.group.key;
        hasWritten = false;
        if (isConfirmation && lastLive !== undefined && this.#isStale(lastLive)) return lastLive;
        const answer = await answerTo(call);
        if (answer.kind !== 'group') throw new UncertainCallError('read', 'container group', 'no answer');
        if (call.group.key === request.group.key) lastLive = answer.live;
        return answer.live;
      },
      act: async (call) => {
        const { kind } = await answerTo(call);
        if (kind === 'changed') throw new RecordSetChangedError('a record set');
        if (kind === 'uncertain') throw new UncertainCallError(call.kind, 'zone', 'no answer');
        hasWritten ||= call.kind !== 'requeue';
      },
    });
    let end: Point['end'];
    const { group, hints, nowMs } = request;
    void reconcile(
      {
        group,
        spoke: spokeOf(group),
        zones,
        foreignRecords: 'overwrite',
        policy: 'sync',
        hints,
        recordSets: [],
        trigger: 'event',
      },
      {
        ...ports,
        clock: { now: () => new Date(nowMs), sleep: async () => {} },
        rateLimiter: { reserve: (_, retryAfterMs) => retryAfterMs },
        random: () => 0,
      },
      { signal: new AbortController().signal, remainingMs: () => 25_000 },
    ).then(
      () => {
        end = 'succeeded';
      },
      () => {
        end = 'failed';
      },
    );
    await everythingThatCanRun();
    if (end === undefined && calls.length === 0) throw new Error('an invocation waits for nothing');
    return {
      id: this.#points++,
      request,
      answers,
      calls: end === undefined ? calls : [],
      end,
      hasJustActed: ['done', 'uncertain'].includes(answers.at(-1)?.kind ?? ''),
      next: new Map(),
    };
  }

  #isStale(lastLive: LiveGroup): boolean {
    if (this.#staleConfirmation === 'afterWrite') return true;
    return this.#staleConfirmation === 'afterRemoval' && lastLive.kind === 'unaddressed';
  }
}

const observed = (
  { key }: Call & { kind: 'read' },
  content: RecordSetContent,
  etag: string,
): ObservedRecordSet => ({ ...content, key, etag, isAutoRegistered: false });
