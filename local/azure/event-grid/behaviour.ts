/** How deliveries go. Times are in milliseconds of the simulator's clock, except where said. */
export interface EventGridBehaviour {
  /** Probability, from 0 to below 1, that an event is delivered once more than needed; applied again to each copy. */
  readonly duplicateProbability: number;
  /** Least and longest time from the publication of an event to its first delivery; a range reorders events. */
  readonly delayMs: readonly [least: number, longest: number];
  /** How long a web hook may take to answer. */
  readonly answerMs: number;
  /** How long it may take in any case, in real milliseconds. */
  readonly leastRealAnswerMs: number;
  /** Time from the last attempt to the writing of the dead letter. */
  readonly deadLetterAfterMs: number;
  /** The blob container for dead letters. */
  readonly deadLetterContainer: string;
  /** Deliveries of one subscription under way at the same time. */
  readonly concurrency: number;
}

export const defaultEventGridBehaviour: EventGridBehaviour = {
  duplicateProbability: 0,
  delayMs: [0, 0],
  answerMs: 30_000,
  leastRealAnswerMs: 10_000,
  deadLetterAfterMs: 300_000,
  deadLetterContainer: 'dead-letters',
  concurrency: 100,
};
