import type { Context } from 'hono';
import * as v from 'valibot';
import type { Faults } from './arm/faults.ts';
import type { Locks } from './arm/locks.ts';
import type { Policies } from './arm/policies.ts';
import type { RequestLog } from './arm/request-log.ts';
import type { StaleReads } from './arm/stale-reads.ts';
import type { Subscriptions } from './arm/subscriptions.ts';
import type { ContainerGroupControl } from './container-groups/control.ts';
import type { EventGrid } from './event-grid/event-grid.ts';
import type { RegistryControl } from './registries/control.ts';

export interface ControlParts {
  readonly containerGroups: ContainerGroupControl;
  readonly registries: RegistryControl;
  readonly eventGrid: EventGrid;
  readonly faults: Faults;
  readonly subscriptions: Subscriptions;
  readonly locks: Locks;
  readonly policies: Policies;
  readonly staleReads: StaleReads;
  readonly requests: RequestLog;
}

/** A row of the control surface's table of contents. */
export type ControlRoute = readonly [
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  handler: (context: Context, parts: ControlParts) => Response | Promise<Response>,
];

/** @throws SyntaxError or ValiError for a body that is not what a route takes. */
export async function readBody<Schema extends v.GenericSchema>(
  context: Context,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return v.parse(schema, JSON.parse(await context.req.text()));
}
