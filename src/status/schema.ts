import * as v from 'valibot';

/**
 * The status document: `GET /api/status`. The app writes it, the status page and the command line read it, and this
 * is the only place that says what is in it.
 *
 * Readers may be older or newer than the app that they ask. Fields that a reader does not know are left out, fields
 * that an app does not send have a default, and a word of a closed list is any text, so that a new one breaks nobody.
 * What has to be there is the core that every version has. Times are ISO 8601 in UTC.
 */

const text = v.string();
const time = v.string();
const flag = v.optional(v.boolean(), false);
const count = v.optional(v.number(), 0);
const orNull = <T extends v.GenericSchema>(item: T) => v.optional(v.nullable(item), null);
const listOf = <T extends v.GenericSchema>(item: T) => v.optional(v.pipe(v.array(item), v.readonly()), []);

const problemSchema = v.object({
  /** `docs/operations.md` lists them. */
  code: text,
  message: text,
  /** `null` where nobody knows. */
  since: orNull(time),
  /** What it is about: an ARM id, or an image as its message names it; `null` where no one thing is. */
  subject: orNull(text),
});

const spokeSchema = v.object({
  /** Key of the zone map. */
  key: text,
  groups: count,
  recordSets: count,
  findings: count,
  healed: count,
  conflicts: count,
});

const findingSchema = v.object({
  finding: text,
  containerGroup: text,
  recordSets: listOf(text),
  addresses: listOf(text),
  /** The address that the group has, and what the record set says; `null` where that is not known. */
  liveAddress: orNull(text),
  recordAddress: orNull(text),
  since: orNull(time),
  /** What repairs it and when, or why nothing does; `null` where it is healed or nobody knows. */
  repair: orNull(text),
  /** Who repairs it: `reconciler`; or why nobody does: `policy`, `refused`, `prune`. */
  repairedBy: orNull(text),
  /** The time at which a reconcile found the group's records right, if that was after the audit. */
  healedAt: orNull(time),
});

const auditSchema = v.object({
  startedAt: time,
  finishedAt: time,
  complete: v.boolean(),
  /** The first of them; `findingsTotal` counts all. */
  findings: listOf(findingSchema),
  findingsTotal: count,
  /** Listings that were not read to the end. */
  unread: listOf(v.object({ scope: text, reason: text })),
  sharedAddresses: listOf(v.object({ address: text, containerGroups: listOf(text) })),
  unmappedGroups: count,
});

const conflictSchema = v.object({ containerGroup: text, recordSet: text, owner: text, since: time });

export const imageRegionSchema = v.object({
  region: text,
  state: text,
  at: v.optional(time),
  evidence: v.optional(text),
  /** When its endpoint answered for the image last. */
  verifiedAt: v.optional(time),
  reason: v.optional(text),
});

const repairSchema = v.object({
  region: text,
  /** The region that it is copied from; `null` where it has to be pushed again. */
  from: orNull(text),
  /** To be run in this order. */
  commands: listOf(text),
});

const imageSchema = v.object({
  registry: text,
  loginServer: orNull(text),
  repository: text,
  tag: orNull(text),
  digest: text,
  state: text,
  diverged: flag,
  firstSeen: orNull(time),
  ageMs: count,
  /** 0 where nobody knows. */
  objectiveMs: count,
  regions: listOf(imageRegionSchema),
  /** What brings it to the first regions that lack it, once its objective has passed. */
  repairs: listOf(repairSchema),
});

const evidenceSchema = v.object({
  provisioning: orNull(
    v.object({
      state: text,
      since: v.optional(time),
      message: v.optional(text),
      displayStatus: v.optional(text),
    }),
  ),
  reachability: orNull(
    v.object({
      kind: text,
      latencyMs: v.optional(v.number()),
      retryAfterMs: v.optional(v.number()),
      reason: v.optional(text),
    }),
  ),
  /** Missing where nothing is pulled. */
  pull: v.optional(
    v.object({
      kind: text,
      latencyMs: v.optional(v.number()),
      retryAfterMs: v.optional(v.number()),
      reason: v.optional(text),
    }),
  ),
  lateImages: orNull(
    v.object({ late: v.number(), lateInRegistry: v.number(), uncounted: v.optional(v.number()) }),
  ),
  policy: orNull(v.object({ routing: text, until: v.optional(time) })),
});

const replicaSchema = v.object({
  region: text,
  name: text,
  id: v.optional(text, ''),
  /** `null` when Azure did not say. */
  routed: v.nullable(v.boolean()),
  verdict: text,
  since: time,
  /** What Azure calls the replica, such as `Ready`. */
  status: orNull(text),
  /** Who took it out of global routing for a time, and why; `null` where nobody did. */
  rehearsal: orNull(v.object({ until: time, by: orNull(text), reason: orNull(text) })),
  evidence: evidenceSchema,
  reasons: listOf(text),
  /** What has to be seen before a flag can be cleared. */
  awaits: listOf(text),
  /** What explains the evidence, and proves nothing. */
  notes: listOf(text),
  reviews: listOf(v.object({ at: time, health: text, because: listOf(text) })),
  interlocks: listOf(v.object({ rule: text, pass: v.boolean(), detail: text })),
  action: orNull(v.object({ do: text, because: text, rules: v.optional(listOf(text)) })),
  lastChange: orNull(
    v.object({
      to: text,
      at: time,
      outcome: text,
      firstAt: v.optional(time),
      detail: v.optional(text),
    }),
  ),
  disabledByUs: flag,
  reversals: count,
  contested: flag,
  contestedBy: orNull(text),
  commands: v.object({
    off: text,
    on: text,
    resume: orNull(text),
    endRehearsal: orNull(text),
    note: orNull(text),
  }),
  /** What ends a contest with infrastructure code. */
  infrastructureCode: orNull(v.object({ terraform: text, bicep: text })),
});

const registrySchema = v.object({
  /** Its name, which another registry may have too. */
  registry: text,
  /** The ARM id; empty in the document of an earlier version. */
  id: v.optional(text, ''),
  /** `null` while it is not known. */
  loginServer: orNull(text),
  /** Custom hosts. */
  hosts: listOf(text),
  /** `null` before the first review, and when the review cannot be read. */
  reviewedAt: orNull(time),
  mode: orNull(text),
  home: orNull(text),
  /** Since when and why nothing is decided. */
  frozen: orNull(v.object({ since: time, reason: text })),
  commonCause: flag,
  /** What Azure Resource Health says of it; `null` where that cannot be read. */
  availability: orNull(v.object({ state: text, summary: v.optional(text), since: v.optional(time) })),
  /** The names to which its login server leads the app; `null` where DNS does not tell. */
  route: orNull(listOf(text)),
  problems: listOf(text),
  replicas: listOf(replicaSchema),
  unpublishedSignals: count,
});

const copyTimesSchema = v.object({
  registry: text,
  loginServer: orNull(text),
  region: text,
  samples: count,
  p50Ms: count,
  p95Ms: count,
  /** 0 where nobody knows. */
  objectiveMs: count,
  /** The share of the copies within the objective, from 0 to 1; `null` where nobody knows. */
  withinObjective: orNull(v.number()),
});

const signalSchema = v.object({ id: text, type: text, subject: text, at: time });

/** One row of numbers for each half hour in which something happened: its index, and what the field says. */
const rows = v.nullable(v.pipe(v.array(v.array(v.number())), v.readonly()));

/** The last 24 hours. `null`: cannot be read now. `docs/status-page.md` explains the characters of the strips. */
const historySchema = v.object({
  /** The end of the last half hour. */
  until: time,
  cellMs: v.number(),
  cells: v.number(),
  spokes: listOf(
    v.object({
      key: text,
      /** What audits found, one character each half hour. */
      audits: v.nullable(text),
      /** `[index, by event, by audit]` */
      repairs: rows,
    }),
  ),
  registries: v.nullable(
    listOf(
      v.object({
        registry: text,
        id: text,
        replicas: listOf(
          v.object({
            region: text,
            name: text,
            /** What reviews saw, one character each half hour. */
            reviews: text,
          }),
        ),
      }),
    ),
  ),
  copies: v.nullable(
    listOf(
      v.object({
        region: text,
        /** `[index, copies, p50 in ms, p95 in ms]` */
        copies: v.pipe(v.array(v.array(v.number())), v.readonly()),
      }),
    ),
  ),
});

export const statusSchema = v.object({
  version: text,
  now: time,
  even: v.boolean(),
  problems: listOf(problemSchema),
  /** URL of the Azure portal of the app's cloud. */
  portal: v.optional(text, 'https://portal.azure.com'),
  /** Parts that could not be read, which is not the same as empty ones. */
  unknown: listOf(text),
  dns: v.object({
    spokes: listOf(spokeSchema),
    audit: orNull(auditSchema),
    /** Repairs of the last seven days. */
    repairs: v.object({ event: count, audit: count }),
    conflicts: listOf(conflictSchema),
  }),
  images: v.object({
    /** The oldest of them; `total` counts all. */
    open: listOf(imageSchema),
    total: orNull(v.number()),
  }),
  registries: listOf(registrySchema),
  /** How long the last copies of images took, by region. */
  copyTimes: listOf(copyTimesSchema),
  signals: v.object({
    /** Whether signals are published, or only logged. */
    topic: v.optional(v.boolean(), true),
    unpublished: count,
    lastPublishedAt: orNull(time),
    /** Newest first. */
    recent: listOf(signalSchema),
  }),
  /** `null` in the document of an earlier version, and where a later one has another form of it. */
  history: v.fallback(orNull(historySchema), null),
});

export type StatusDocument = v.InferOutput<typeof statusSchema>;
export type Problem = v.InferOutput<typeof problemSchema>;
export type Spoke = v.InferOutput<typeof spokeSchema>;
export type Audit = v.InferOutput<typeof auditSchema>;
export type Finding = v.InferOutput<typeof findingSchema>;
export type Conflict = v.InferOutput<typeof conflictSchema>;
export type Image = v.InferOutput<typeof imageSchema>;
export type ImageRegion = v.InferOutput<typeof imageRegionSchema>;
export type Repair = v.InferOutput<typeof repairSchema>;
export type History = v.InferOutput<typeof historySchema>;
export type CopyTimes = v.InferOutput<typeof copyTimesSchema>;
export type Registry = v.InferOutput<typeof registrySchema>;
export type Replica = v.InferOutput<typeof replicaSchema>;

/** @returns `undefined` for what is no status document. */
export function parseStatus(value: unknown): StatusDocument | undefined {
  const parsed = v.safeParse(statusSchema, value);
  return parsed.success ? parsed.output : undefined;
}
