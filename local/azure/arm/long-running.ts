import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ArmError } from './arm-error.ts';
import type { ArmAnswer } from './operation.ts';

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Asynchronous operations that a client polls; their effects do not wait for them. */
export class LongRunningOperations {
  private readonly clock: Clock;
  private readonly byId = new Map<
    string,
    { readonly doneAt: number; readonly failure: Failure | undefined }
  >();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Starts one that ends after `ms`, well or with a failure, and returns its id. */
  start(ms: number, failure?: Failure): string {
    const id = randomUUID();
    this.byId.set(id, { doneAt: this.clock.now() + ms, failure });
    return id;
  }

  /** What `Azure-AsyncOperation` answers. */
  status(id: string): ArmAnswer {
    if (!this.isDone(id)) {
      return { status: 200, body: { id, name: id, status: 'InProgress' }, headers: { 'Retry-After': '1' } };
    }
    const error = this.byId.get(id)?.failure;
    return error === undefined
      ? { status: 200, body: { id, name: id, status: 'Succeeded' } }
      : { status: 200, body: { id, name: id, status: 'Failed', error } };
  }

  private isDone(id: string): boolean {
    const operation = this.byId.get(id);
    if (operation === undefined) throw new ArmError(404, 'NotFound', `The operation '${id}' was not found.`);
    return this.clock.now() >= operation.doneAt;
  }
}
