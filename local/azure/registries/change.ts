import type { Manifest } from './manifest.ts';

/** A push or deletion on its way to every replica. */
export interface Change {
  readonly kind: 'push' | 'delete';
  readonly isChart: boolean;
  /** Later changes of the simulator have greater ones, whatever times they tell. */
  readonly sequence: number;
  readonly repository: string;
  /** Undefined for a deletion or a push by digest only. */
  readonly tag: string | undefined;
  readonly manifest: Manifest;
  /** When it happened, as notices tell it. */
  readonly timestamp: string;
  /** Id of the client's request. */
  readonly requestId: string;
}

export type WebhookAction = 'push' | 'delete' | 'chart_push' | 'chart_delete';

export const actionOf = ({ kind, isChart }: Change): WebhookAction => `${isChart ? 'chart_' : ''}${kind}`;
