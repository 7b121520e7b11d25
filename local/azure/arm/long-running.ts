import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ArmError } from './arm-error.ts';
import type { ArmAnswer } from './operation.ts';

/** Asynchronous operations that a client polls; their effects do not wait for them. */
export class LongRunningOperations {
  private readonly clock: Clock;
  private readonly doneAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Starts one that ends after `ms` and returns its id. */
  start(ms: number): string {
    const id = randomUUID();
    this.doneAt.set(id, this.clock.now() + ms);
    return id;
  }

  /** What `Azure-AsyncOperation` answers. */
  status(id: string): ArmAnswer {
    return this.isDone(id)
      ? { status: 200, body: { id, name: id, status: 'Succeeded' } }
      : { status: 200, body: { id, name: id, status: 'InProgress' }, headers: { 'Retry-After': '1' } };
  }

  /** What `Location` answers: 202 until the end. */
  result(id: string, location: string): ArmAnswer {
    return this.isDone(id)
      ? { status: 200, body: {} }
      : { status: 202, headers: { Location: location, 'Retry-After': '1' } };
  }

  private isDone(id: string): boolean {
    const doneAt = this.doneAt.get(id);
    if (doneAt === undefined) throw new ArmError(404, 'NotFound', `The operation '${id}' was not found.`);
    return this.clock.now() >= doneAt;
  }
}
