import * as v from 'valibot';
import type { Deadline } from '../../lib/deadline.ts';
import type { Availability } from '../../registries/ports.ts';
import type { ArmReader } from './resources.ts';

const apiVersion = '2025-05-01';

/** Earlier versions of the service spell the time with one r. */
const statusSchema = v.object({
  properties: v.object({
    availabilityState: v.pipe(v.string(), v.minLength(1)),
    summary: v.optional(v.string()),
    occurredTime: v.optional(v.string()),
    occuredTime: v.optional(v.string()),
  }),
});

/**
 * What Azure Resource Health says of a resource at the moment: one call. Never throws.
 * https://learn.microsoft.com/rest/api/resourcehealth/availability-statuses/get-by-resource
 *
 * @param id ARM id of the resource.
 * @returns `undefined` where it cannot be read.
 */
export async function readAvailability(
  reader: Pick<ArmReader, 'find'>,
  id: string,
  deadline: Deadline,
): Promise<Availability | undefined> {
  const path = `${id}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`;
  const found = await reader.find(path, apiVersion, deadline).catch(() => undefined);
  const parsed = v.safeParse(statusSchema, found);
  if (!parsed.success) return undefined;
  const { availabilityState, summary, occurredTime, occuredTime } = parsed.output.properties;
  const since = new Date(occurredTime ?? occuredTime ?? Number.NaN);
  return {
    state: availabilityState,
    summary,
    since: Number.isNaN(since.getTime()) ? undefined : since.toISOString(),
  };
}
