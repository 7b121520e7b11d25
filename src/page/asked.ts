import type { Status } from './status.ts';

/** What came of asking the app; a refusal is one sentence that says what to do. */
export type Asked =
  | { readonly ok: true; readonly status: Status }
  | { readonly ok: false; readonly message: string; readonly retryAfterMs: number };
