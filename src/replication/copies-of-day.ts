import { createHash } from 'node:crypto';
import { cellAt, cellsOfDay } from '../lib/last-day.ts';
import type { Region } from '../registries/replica.ts';
import { copyTimesOf } from './copy-times.ts';
import { type Image, imageKey } from './image.ts';

/** The copies to the regions of one registry in the last day. */
export interface CopiesOfDay {
  /**
   * By region. Each list holds three numbers for each half hour and length: the number of the cell (see `last-day.ts`),
   * the length's class, and how many copies there were.
   */
  readonly regions: Readonly<Record<Region, readonly number[]>>;
  /** Short hashes of the images that were counted last, so that one that is closed again is not counted twice. */
  readonly counted: readonly string[];
}

export const noCopies: CopiesOfDay = { regions: {}, counted: [] };

const width = 3;
/** Classes to each doubling of the time, so that the middle of one is at most a tenth away from what is in it. */
const classesPerOctave = 4;
/** More images than one review closes. */
const maxCounted = 2_000;

/**
 * The images that are not counted yet. A review that fails between this and the end of its work closes the same images
 * again, so that those of the last one are remembered.
 */
export function uncountedOf({ counted }: CopiesOfDay, images: readonly Image[]): Image[] {
  const known = new Set(counted);
  return images.filter((image) => !known.has(hashOf(image)));
}

/** Adds the copies of images that are everywhere now, each to the half hour in which it arrived. */
export function withCopies(before: CopiesOfDay, images: readonly Image[], nowMs: number): CopiesOfDay {
  if (images.length === 0) return before;
  const added = uncountedOf(before, images).map((image) =>
    Object.fromEntries(
      [...copyTimesOf(image)].map(([region, ms]) => [
        region,
        [cellAt(image.firstSeenMs + ms), classOf(ms), 1],
      ]),
    ),
  );
  return {
    regions: sumOfCopies([before.regions, ...added], cellAt(nowMs)),
    counted: images.map(hashOf).slice(-maxCounted),
  };
}

/** What several registries counted, each of them given once, without what is older than a day. */
export function sumOfCopies(all: readonly CopiesOfDay['regions'][], cell: number): CopiesOfDay['regions'] {
  const sums = new Map<Region, Map<number, number>>();
  for (const regions of all) {
    for (const region in regions) {
      const rows = regions[region] ?? [];
      const ofRegion = sums.get(region) ?? new Map<number, number>();
      sums.set(region, ofRegion);
      for (let index = 0; index + width <= rows.length; index += width) {
        const [at = 0, lengthClass = 0, copies = 0] = [rows[index], rows[index + 1], rows[index + 2]];
        if (at <= cell - cellsOfDay) continue;
        const key = at * maxClasses + lengthClass;
        ofRegion.set(key, (ofRegion.get(key) ?? 0) + copies);
      }
    }
  }
  return Object.fromEntries(
    [...sums].flatMap(([region, ofRegion]) => {
      if (ofRegion.size === 0) return [];
      const sorted = [...ofRegion].sort(([a], [b]) => a - b);
      const rows = sorted.flatMap(([key, copies]) => [
        Math.floor(key / maxClasses),
        key % maxClasses,
        copies,
      ]);
      return [[region, rows] as const];
    }),
  );
}

/** One half hour of one region. */
export interface CellCopies {
  /** The number of the cell. */
  readonly cell: number;
  readonly copies: number;
  /** The middle of the class of lengths that this percentile lies in, by nearest rank. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** The percentiles of each half hour with copies, the oldest first. @param rows of one region, sorted. */
export function cellsOf(rows: readonly number[]): CellCopies[] {
  const cells = new Map<number, [lengthClass: number, copies: number][]>();
  for (let index = 0; index + width <= rows.length; index += width) {
    const [at = 0, lengthClass = 0, copies = 0] = [rows[index], rows[index + 1], rows[index + 2]];
    const classes = cells.get(at) ?? [];
    classes.push([lengthClass, copies]);
    cells.set(at, classes);
  }
  return [...cells].map(([cell, classes]) => {
    const total = classes.reduce((sum, [, copies]) => sum + copies, 0);
    const percentile = (share: number) => {
      const rank = Math.ceil(share * total - 1e-9);
      let seen = 0;
      for (const [lengthClass, copies] of classes) {
        seen += copies;
        if (seen >= rank) return msOf(lengthClass);
      }
      return 0;
    };
    return { cell, copies: total, p50Ms: percentile(0.5), p95Ms: percentile(0.95) };
  });
}

const maxClasses = 1_000;

/** 0 for less than a second. */
const classOf = (ms: number): number =>
  ms < 1_000 ? 0 : Math.min(maxClasses - 1, 1 + Math.floor(classesPerOctave * Math.log2(ms / 1_000)));

const msOf = (lengthClass: number): number =>
  lengthClass === 0 ? 0 : Math.round(1_000 * 2 ** ((lengthClass - 0.5) / classesPerOctave));

const hashOf = ({ id, firstSeenMs }: Image): string =>
  createHash('sha256')
    .update(`${imageKey(id)} ${firstSeenMs}`)
    .digest('base64url')
    .slice(0, 10);
