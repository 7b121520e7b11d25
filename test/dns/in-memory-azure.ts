import type { ContainerGroupId, LiveGroup } from '../../src/dns/container-group.ts';
import { RecordSetChangedError } from '../../src/dns/errors.ts';
import type { ReconcilePorts } from '../../src/dns/reconcile.ts';
import {
  type ObservedRecordSet,
  type RecordSetContent,
  type RecordSetKey,
  recordSetId,
} from '../../src/dns/record-set.ts';
import { encodeRequeueMessage, parseRequeueMessage, type RequeueMessage } from '../../src/dns/requeue.ts';

/** A call of a port, before it is performed. */
export type Call =
  | { readonly kind: 'readGroup'; readonly group: ContainerGroupId }
  | { readonly kind: 'read'; readonly key: RecordSetKey }
  | { readonly kind: 'create'; readonly key: RecordSetKey; readonly to: RecordSetContent }
  | {
      readonly kind: 'update';
      readonly key: RecordSetKey;
      readonly from: ObservedRecordSet;
      readonly to: RecordSetContent;
    }
  | { readonly kind: 'delete'; readonly key: RecordSetKey; readonly from: ObservedRecordSet }
  | { readonly kind: 'requeue'; readonly message: RequeueMessage; readonly delayMs: number };

/** What a test decides of a call: when it happens, and what is told of it. */
export interface Gate {
  readonly read: (call: Call & { kind: 'read' }) => Promise<ObservedRecordSet | undefined>;
  readonly readGroup: (call: Call & { kind: 'readGroup' }) => Promise<LiveGroup>;
  readonly act: (call: Exclude<Call, { kind: 'read' | 'readGroup' }>) => Promise<void>;
}

/** The one place where the ports of the reconciler meet a test's world. */
export const portsThrough = (
  gate: Gate,
): Pick<ReconcilePorts, 'containerGroups' | 'recordSets' | 'requeueQueue'> => ({
  containerGroups: { read: (group) => gate.readGroup({ kind: 'readGroup', group }) },
  recordSets: {
    read: (key) => gate.read({ kind: 'read', key }),
    create: (key, to) => gate.act({ kind: 'create', key, to }),
    update: (from, to) => gate.act({ kind: 'update', key: from.key, from, to }),
    delete: (from) => gate.act({ kind: 'delete', key: from.key, from }),
  },
  requeueQueue: { requeue: (message, delayMs) => gate.act({ kind: 'requeue', message, delayMs }) },
});

type Hook = (call: Call) => void | Promise<void>;

/** A message of the queue evenkeel-dns, as it would come out of it. */
export interface Queued {
  readonly message: RequeueMessage;
  readonly delayMs: number;
}

/** Container groups and private DNS zones, with Azure's conditional writes. */
export class InMemoryAzure {
  /** Groups that are not here are gone. */
  readonly groups = new Map<string, LiveGroup>();
  readonly queue: Queued[] = [];
  readonly calls: Call[] = [];
  /** Throws: the call does not happen. */
  before: Hook = () => {};
  /** Throws: the call happened, and its answer is lost. */
  after: Hook = () => {};
  readonly #sets = new Map<string, ObservedRecordSet>();
  #writes = 0;

  readonly ports = portsThrough({
    readGroup: (call) =>
      this.#perform(
        call,
        () => this.groups.get(call.group.key) ?? ({ kind: 'unaddressed', reason: 'gone' } as const),
      ),
    read: (call) => this.#perform(call, () => this.find(call.key)),
    act: (call) => this.#perform(call, () => this.#act(call)),
  });

  find(key: RecordSetKey): ObservedRecordSet | undefined {
    return this.#sets.get(recordSetId(key));
  }

  /** All record sets, by id. */
  get recordSets(): ObservedRecordSet[] {
    return [...this.#sets.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
  }

  /** Writes as another writer would: whatever is there. */
  put(...sets: readonly ObservedRecordSet[]): void {
    for (const set of sets) this.#store(set);
  }

  remove(key: RecordSetKey): void {
    this.#sets.delete(recordSetId(key));
  }

  address(group: ContainerGroupId, address: string, isRunning = true): void {
    this.groups.set(group.key, { kind: 'addressed', address, isRunning });
  }

  delete(group: ContainerGroupId): void {
    this.groups.delete(group.key);
  }

  /** Reads and writes so far, as the cost of a pass counts them. */
  get cost(): { reads: number; writes: number; requeueQueue: number } {
    const count = (...kinds: readonly Call['kind'][]) =>
      this.calls.filter(({ kind }) => kinds.includes(kind)).length;
    return {
      reads: count('read', 'readGroup'),
      writes: count('create', 'update', 'delete'),
      requeueQueue: count('requeue'),
    };
  }

  async #perform<T>(call: Call, perform: () => T): Promise<T> {
    this.calls.push(call);
    await this.before(call);
    const answer = perform();
    await this.after(call);
    return answer;
  }

  #act(call: Exclude<Call, { kind: 'read' | 'readGroup' }>): void {
    if (call.kind === 'requeue') {
      this.queue.push(throughQueue(call.message, call.delayMs));
      return;
    }
    const id = recordSetId(call.key);
    const found = this.#sets.get(id);
    if (call.kind === 'delete' && found === undefined) return;
    const expected = call.kind === 'create' ? undefined : call.from.etag;
    if (found?.etag !== expected) throw new RecordSetChangedError(id);
    if (call.kind === 'delete') this.#sets.delete(id);
    else this.#store({ ...call.to, key: call.key, etag: '', isAutoRegistered: false });
  }

  #store(set: ObservedRecordSet): void {
    this.#sets.set(recordSetId(set.key), { ...set, etag: `etag-${++this.#writes}` });
  }
}

/** A message survives only as text. */
export function throughQueue(message: RequeueMessage, delayMs: number): Queued {
  const parsed = parseRequeueMessage(encodeRequeueMessage(message));
  if (parsed === undefined) throw new Error('a message did not survive the queue');
  return { message: parsed, delayMs };
}
