import type { Config } from '../../../config.ts';
import type { StatusReading } from './visit.ts';

/** Keys of the zone map and names of the registries: by these, settings are known to be the app's or not. */
export interface Mapped {
  readonly spokes: readonly string[];
  readonly registries: readonly string[];
}

/** @returns `undefined` when the settings cannot be read. */
export const mappedHere = ({ zoneMap, registries }: Config): Mapped | undefined =>
  zoneMap.ok && registries.ok
    ? {
        spokes: zoneMap.value.places.map(({ key }) => key),
        registries: registries.value.all.map(({ name }) => name),
      }
    : undefined;

/** @returns `undefined` when the app does not tell. */
export const mappedInApp = (reading: StatusReading): Mapped | undefined =>
  reading.kind === 'answered'
    ? {
        spokes: reading.status.dns.spokes.map(({ key }) => key),
        registries: reading.status.registries.map(({ registry }) => registry),
      }
    : undefined;

export const isSame = (ours: readonly string[], theirs: readonly string[]): boolean =>
  ours.toSorted().join() === theirs.toSorted().join();
