import type { Answer, Replication } from './answer.ts';

/** Shows the progress of a wait. */
export interface Progress {
  show(view: View): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

export const noProgress: Progress = { show: () => {}, close: () => {} };

/** What is shown while waiting. */
export interface View {
  /** The last that the app said about the image. */
  readonly image: Replication | undefined;
  /** `unseen`: the app answers but does not know the image. */
  readonly app: 'notAsked' | 'unseen' | 'known' | 'unavailable';
  /** Why the app is unavailable. */
  readonly trouble: string | undefined;
}

export const firstView: View = { image: undefined, app: 'notAsked', trouble: undefined };

export function viewAfter(before: View, answer: Answer): View {
  switch (answer.kind) {
    case 'unavailable':
      return { ...before, app: 'unavailable', trouble: answer.reason };
    case 'unseen':
      return { image: before.image, app: 'unseen', trouble: undefined };
    case 'refused':
      return before;
    default:
      return { image: answer.image ?? before.image, app: 'known', trouble: undefined };
  }
}
