/** A blob of dead letters. */
export interface DeadLetterBlob {
  readonly name: string;
  /** When it was created; marking it changes only when it was modified. */
  readonly writtenAt: Date;
  /** When its letters were sent again, as its mark says. */
  readonly replayedAt: string | undefined;
}

/** The container of dead letters. Nothing here can delete. */
export interface DeadLetterStore {
  /** Nothing where there is no container. */
  list(): AsyncIterable<DeadLetterBlob>;
  /** @returns `undefined` for text that is not JSON. */
  read(name: string): Promise<unknown>;
  mark(name: string, replayedAt: string): Promise<void>;
}

/** A message that the function failed on too often. */
export interface PoisonMessage {
  readonly id: string;
  /** As it was sent, encoded. */
  readonly text: string;
  readonly insertedOn: Date;
}

/** The poison queue of `resumeDns`, and the queue that its messages came from. Nothing here can delete. */
export interface PoisonQueue {
  /** The first of them, as many as can be seen without taking any, and how many there are about. */
  peek(): Promise<{ readonly messages: readonly PoisonMessage[]; readonly count: number }>;
  /** Some, which nobody else sees for a minute; none when each was handed out. */
  take(): Promise<readonly PoisonMessage[]>;
  /** Puts a text into the queue that `resumeDns` reads. */
  send(text: string): Promise<void>;
}

/** Which messages were sent again: the queue itself cannot be written on. */
export interface ReplayNotes {
  /** Ids of messages, with the time of their note. */
  list(): Promise<ReadonlyMap<string, string>>;
  write(messageId: string, replayedAt: string): Promise<void>;
}
