/** The time, and a way to wait; tests replace both. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}
