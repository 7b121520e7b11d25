import type { JsonObject } from '../json.ts';

/** What Azure Resource Health says of a registry. */
export interface Availability {
  readonly state: 'Available' | 'Degraded' | 'Unavailable' | 'Unknown';
  readonly summary: string;
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
}

export const available: Availability = {
  state: 'Available',
  summary: "There aren't any known Azure platform problems affecting this resource.",
  since: undefined,
};

/** https://learn.microsoft.com/rest/api/resourcehealth/availability-statuses/get-by-resource */
export const renderAvailability = (
  registryId: string,
  location: string,
  { state, summary, since }: Availability,
  now: number,
): JsonObject => ({
  id: `${registryId}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`,
  name: 'current',
  type: 'Microsoft.ResourceHealth/AvailabilityStatuses',
  location,
  properties: {
    availabilityState: state,
    title: state,
    summary,
    reasonType: '',
    reasonChronicity: 'Persistent',
    occurredTime: new Date(since ?? now).toISOString(),
    reportedTime: new Date(now).toISOString(),
  },
});
