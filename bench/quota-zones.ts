import { randomUUID } from 'node:crypto';
import type { Clock } from '../local/azure/clock.ts';
import {
  defaultQuotas,
  type QuotaKind,
  type QuotaOptions,
  Quotas,
} from '../local/azure/private-dns/quotas.ts';
import { RecordSetChangedError } from '../src/dns/errors.ts';
import type { RecordSetLister, RecordSetReader, RecordSetWriter } from '../src/dns/ports.ts';
import {
  type ObservedRecordSet,
  type RecordSetContent,
  type RecordSetKey,
  recordSetId,
  zoneId,
} from '../src/dns/record-set.ts';
import { ThrottledError } from '../src/lib/errors.ts';

const pageSize = 1000;

/** Record sets in memory, with the quotas of the service. */
export class QuotaZones {
  readonly sets = new Map<string, ObservedRecordSet>();
  readonly calls: Record<QuotaKind | 'refused', number> = {
    create: 0,
    update: 0,
    delete: 0,
    get: 0,
    list: 0,
    refused: 0,
  };
  private readonly quotas: Quotas;

  constructor(clock: Clock, window: QuotaOptions['window']) {
    this.quotas = new Quotas({ ...defaultQuotas, window }, clock);
  }

  readonly ports: RecordSetReader & RecordSetWriter = {
    read: async (key) => {
      this.spend(key, 'get');
      return this.sets.get(recordSetId(key));
    },
    create: async (key, content) => {
      this.spend(key, 'create');
      if (this.sets.has(recordSetId(key))) throw new RecordSetChangedError(recordSetId(key));
      this.put(key, content);
    },
    update: async (observed, content) => {
      this.spend(observed.key, 'update');
      this.check(observed);
      this.put(observed.key, content);
    },
    delete: async (observed) => {
      this.spend(observed.key, 'delete');
      this.check(observed);
      this.sets.delete(recordSetId(observed.key));
    },
  };

  readonly lister: RecordSetLister = {
    list: (zone, type) => this.pages({ zone, type, name: '' }),
  };

  put(key: RecordSetKey, content: RecordSetContent): void {
    this.sets.set(recordSetId(key), { ...content, key, etag: randomUUID(), isAutoRegistered: false });
  }

  private async *pages(key: RecordSetKey): AsyncGenerator<ObservedRecordSet[]> {
    const prefix = `${zoneId(key.zone)}/${key.type}/`.toLowerCase();
    const all = [...this.sets].filter(([id]) => id.startsWith(prefix)).map(([, set]) => set);
    for (let from = 0; from === 0 || from < all.length; from += pageSize) {
      this.spend(key, 'list');
      yield all.slice(from, from + pageSize);
    }
  }

  private check(observed: ObservedRecordSet): void {
    const id = recordSetId(observed.key);
    if (this.sets.get(id)?.etag !== observed.etag) throw new RecordSetChangedError(id);
  }

  private spend({ zone }: RecordSetKey, kind: QuotaKind): void {
    this.calls[kind]++;
    const retryAfterSeconds = this.quotas.take(zoneId(zone), kind);
    if (retryAfterSeconds === undefined) return;
    this.calls.refused++;
    throw new ThrottledError(kind, zoneId(zone), retryAfterSeconds * 1000);
  }
}
