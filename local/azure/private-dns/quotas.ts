import type { Clock } from '../clock.ts';

export type QuotaKind = 'create' | 'update' | 'delete' | 'get' | 'list';

/** The documented limits per zone and minute. */
export const documentedLimits: Readonly<Record<QuotaKind, number>> = {
  create: 60,
  update: 60,
  delete: 60,
  get: 200,
  list: 100,
};

export interface QuotaOptions {
  readonly enabled: boolean;
  readonly limits: Readonly<Record<QuotaKind, number>>;
  /** Fixed minutes, or a bucket that refills evenly. Which of them the service uses is not documented. */
  readonly window: 'fixed' | 'tokenBucket';
}

export const defaultQuotas: QuotaOptions = { enabled: true, limits: documentedLimits, window: 'fixed' };

const minuteMs = 60_000;

interface Usage {
  minute: number;
  used: number;
  tokens: number;
  refilledAt: number;
}

/** Counts requests against the limits of a zone. */
export class Quotas {
  private readonly options: QuotaOptions;
  private readonly clock: Clock;
  private readonly usages = new Map<string, Usage>();
  private readonly refusals = new Map<string, number>();

  constructor(options: QuotaOptions, clock: Clock) {
    this.options = options;
    this.clock = clock;
  }

  /** Returns undefined when the request may go on, or else the seconds after which a retry makes sense. */
  take(zoneId: string, kind: QuotaKind): number | undefined {
    if (!this.options.enabled) return undefined;
    const usage = this.usage(zoneId, kind);
    const waitMs =
      this.options.window === 'fixed' ? this.takeOfMinute(usage, kind) : this.takeToken(usage, kind);
    if (waitMs === undefined) return undefined;
    const key = keyOf(zoneId, kind);
    this.refusals.set(key, (this.refusals.get(key) ?? 0) + 1);
    return Math.max(1, Math.ceil(waitMs / 1000));
  }

  /** Requests of the current minute (or tokens spent) and all refusals so far. */
  counters(zoneId: string, kind: QuotaKind): { readonly used: number; readonly refused: number } {
    const usage = this.usage(zoneId, kind);
    const minute = Math.floor(this.clock.now() / minuteMs);
    const fixed = usage.minute === minute ? usage.used : 0;
    const used =
      this.options.window === 'fixed' ? fixed : this.options.limits[kind] - Math.floor(usage.tokens);
    return { used, refused: this.refusals.get(keyOf(zoneId, kind)) ?? 0 };
  }

  private takeOfMinute(usage: Usage, kind: QuotaKind): number | undefined {
    const now = this.clock.now();
    const minute = Math.floor(now / minuteMs);
    if (usage.minute !== minute) {
      usage.minute = minute;
      usage.used = 0;
    }
    if (usage.used >= this.options.limits[kind]) return (minute + 1) * minuteMs - now;
    usage.used += 1;
    return undefined;
  }

  private takeToken(usage: Usage, kind: QuotaKind): number | undefined {
    const limit = this.options.limits[kind];
    const now = this.clock.now();
    usage.tokens = Math.min(limit, usage.tokens + ((now - usage.refilledAt) / minuteMs) * limit);
    usage.refilledAt = now;
    if (usage.tokens < 1) return ((1 - usage.tokens) / limit) * minuteMs;
    usage.tokens -= 1;
    return undefined;
  }

  private usage(zoneId: string, kind: QuotaKind): Usage {
    const key = keyOf(zoneId, kind);
    const found = this.usages.get(key);
    if (found !== undefined) return found;
    const created = { minute: -1, used: 0, tokens: this.options.limits[kind], refilledAt: this.clock.now() };
    this.usages.set(key, created);
    return created;
  }
}

const keyOf = (zoneId: string, kind: QuotaKind): string => `${zoneId.toLowerCase()}|${kind}`;
