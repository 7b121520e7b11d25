import type { ErrorShape } from './arm-error.ts';
import { type FaultTarget, isMet } from './fault-target.ts';
import type { ArmAnswer, ArmRequest } from './operation.ts';

/** What happens to a request instead of, or before, its plain answer. */
export type FaultEffect = (
  | { readonly kind: 'latency'; readonly ms: number }
  | PlannedAnswer
  /** The effect happens, then the connection breaks instead of an answer. */
  | { readonly kind: 'lostAnswer' }
  /** The connection breaks before anything happens. */
  | { readonly kind: 'lostRequest' }
  /** Nothing happens and nothing is ever sent. */
  | { readonly kind: 'hang' }
  /** The effect happens, status and headers are sent, and the body never comes. */
  | { readonly kind: 'withheldBody' }
  /** The answer, or each resource of a list, lacks these members, and the headers of these names. */
  | { readonly kind: 'withoutMembers'; readonly members: readonly string[] }
  /** The effect happens, and a test changes the answer. */
  | { readonly kind: 'changedAnswer'; readonly change: (answer: ArmAnswer) => ArmAnswer }
) & {
  /** Milliseconds of the clock before anything else happens. */
  readonly delayMs?: number;
};

/** An answer instead of the operation's own; nothing happens. */
export interface PlannedAnswer {
  readonly kind: 'status';
  readonly status: number;
  /** Code and message of an error as Azure writes it; by default what is usual for the status. */
  readonly code?: string;
  readonly message?: string;
  /** Form of that error: `flat` as Private DNS writes it, `nested` as Resource Manager does. */
  readonly shape?: ErrorShape;
  /** JSON instead of that error. */
  readonly body?: unknown;
  /** Sent as it is instead of that error, as HTML unless `headers` say something else. */
  readonly text?: string;
  /** `Retry-After` as a number of seconds. */
  readonly retryAfterSeconds?: number;
  /** `Retry-After` as an HTTP date, so many seconds after the clock's present. */
  readonly retryAfterDateSeconds?: number;
  /** `x-ms-retry-after-ms`. */
  readonly retryAfterMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Fault = FaultEffect &
  FaultTarget & {
    /** After so many requests the fault is over. Default: never. */
    readonly times?: number;
  };

interface ArmedFault {
  readonly id: number;
  readonly fault: Fault;
  left: number;
  hits: number;
}

/** Faults that tests and scenarios inject; the first that matches a request takes it. */
export class Faults {
  private readonly armed: ArmedFault[] = [];
  private nextId = 1;

  /** Returns a handle that counts the requests that met the fault, and removes it. */
  add(fault: Fault): { readonly id: number; readonly hits: () => number; readonly remove: () => void } {
    const id = this.nextId++;
    const entry: ArmedFault = { id, fault, left: fault.times ?? Number.POSITIVE_INFINITY, hits: 0 };
    this.armed.push(entry);
    return { id, hits: () => entry.hits, remove: () => void this.remove(id) };
  }

  /** Whether there was one to remove. */
  remove(id: number): boolean {
    const at = this.armed.findIndex((entry) => entry.id === id);
    if (at >= 0) this.armed.splice(at, 1);
    return at >= 0;
  }

  clear(): void {
    this.armed.length = 0;
  }

  /** The faults that are not over, in the order in which they are tried. */
  list(): readonly { readonly id: number; readonly fault: Fault; readonly hits: number }[] {
    return this.armed.map(({ id, fault, hits }) => ({ id, fault, hits }));
  }

  /** The fault that this request meets; each call uses up one of its times. */
  take(request: ArmRequest): FaultEffect | undefined {
    const entry = this.armed.find(({ fault }) => isMet(fault, request));
    if (entry === undefined) return undefined;
    entry.hits += 1;
    entry.left -= 1;
    if (entry.left <= 0) this.remove(entry.id);
    return entry.fault;
  }
}
