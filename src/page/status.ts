import * as v from 'valibot';

/**
 * What the page reads of `GET /api/status`. An app that is newer than the page may tell more, and one that is
 * older less: only what the page cannot do without has to be there.
 */

const time = v.string();
const list = <T extends v.GenericSchema>(item: T) => v.optional(v.array(item), []);
const count = v.optional(v.number(), 0);
const maybe = <T extends v.GenericSchema>(item: T) => v.optional(v.nullable(item), null);

const problem = v.object({ code: v.string(), message: v.string(), since: maybe(time) });

const spoke = v.object({
  key: v.string(),
  groups: count,
  recordSets: count,
  findings: count,
  healed: count,
  conflicts: count,
});

const finding = v.object({
  finding: v.string(),
  containerGroup: v.string(),
  recordSets: list(v.string()),
  addresses: list(v.string()),
  since: time,
  healedAt: maybe(time),
});

const audit = v.object({
  startedAt: time,
  finishedAt: time,
  complete: v.boolean(),
  findings: list(finding),
  findingsTotal: count,
  unread: list(v.object({ scope: v.string(), reason: v.string() })),
  sharedAddresses: list(v.object({ address: v.string(), containerGroups: list(v.string()) })),
  unmappedGroups: count,
});

const conflict = v.object({
  containerGroup: v.string(),
  recordSet: v.string(),
  owner: v.string(),
  since: time,
});

const imageRegion = v.object({
  region: v.string(),
  state: v.string(),
  at: v.optional(time),
  evidence: v.optional(v.string()),
  reason: v.optional(v.string()),
});

const image = v.object({
  registry: v.string(),
  repository: v.string(),
  tag: maybe(v.string()),
  digest: v.string(),
  state: v.string(),
  diverged: v.optional(v.boolean(), false),
  firstSeen: time,
  ageMs: v.number(),
  objectiveMs: v.number(),
  regions: list(imageRegion),
});

const evidence = v.object({
  provisioning: maybe(v.object({ state: v.string(), since: time, message: v.optional(v.string()) })),
  reachability: maybe(
    v.object({
      kind: v.string(),
      latencyMs: v.optional(v.number()),
      retryAfterMs: v.optional(v.number()),
      reason: v.optional(v.string()),
    }),
  ),
  lateImages: maybe(v.object({ late: v.number(), lateInRegistry: v.number() })),
  policy: maybe(v.object({ routing: v.string(), until: v.optional(time) })),
});

const replica = v.object({
  region: v.string(),
  name: v.string(),
  routed: v.nullable(v.boolean()),
  verdict: v.picklist(['ok', 'flagged']),
  since: time,
  evidence,
  reasons: list(v.string()),
  reviews: list(v.object({ at: time, health: v.string() })),
  interlocks: list(v.object({ rule: v.string(), pass: v.boolean(), detail: v.string() })),
  action: maybe(v.object({ do: v.string(), because: v.string() })),
  lastChange: maybe(v.object({ to: v.string(), at: time, outcome: v.string() })),
  disabledByUs: v.optional(v.boolean(), false),
  reversals: count,
  contested: v.optional(v.boolean(), false),
  contestedBy: maybe(v.string()),
  commands: v.object({ off: v.string(), on: v.string(), resume: maybe(v.string()) }),
});

const registry = v.object({
  registry: v.string(),
  reviewedAt: maybe(time),
  mode: maybe(v.string()),
  home: maybe(v.string()),
  frozen: maybe(v.object({ since: time, reason: v.string() })),
  commonCause: v.optional(v.boolean(), false),
  problems: list(v.string()),
  replicas: list(replica),
});

const signal = v.object({ id: v.string(), type: v.string(), subject: v.string(), at: time });

const statusSchema = v.object({
  version: v.string(),
  now: time,
  even: v.boolean(),
  unknown: list(v.string()),
  problems: list(problem),
  dns: v.object({
    spokes: list(spoke),
    audit: maybe(audit),
    repairs: v.object({ event: count, audit: count }),
    conflicts: list(conflict),
  }),
  images: v.object({ open: list(image), total: count }),
  registries: list(registry),
  signals: v.object({
    topic: v.optional(v.boolean(), true),
    unpublished: count,
    lastPublishedAt: maybe(time),
    recent: list(signal),
  }),
});

export type Status = v.InferOutput<typeof statusSchema>;
export type Problem = Status['problems'][number];
export type Spoke = Status['dns']['spokes'][number];
export type Finding = v.InferOutput<typeof finding>;
export type Conflict = v.InferOutput<typeof conflict>;
export type Image = v.InferOutput<typeof image>;
export type ImageRegion = v.InferOutput<typeof imageRegion>;
export type Registry = v.InferOutput<typeof registry>;
export type Replica = v.InferOutput<typeof replica>;

/** @returns `undefined` for an answer that this page does not understand. */
export function parseStatus(value: unknown): Status | undefined {
  const parsed = v.safeParse(statusSchema, value);
  return parsed.success ? parsed.output : undefined;
}
