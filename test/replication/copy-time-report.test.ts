import { describe, expect, it } from 'vitest';
import { cellsOf, noCopies, withCopies } from '../../src/replication/copies-of-day.ts';
import { reportCopyTimes } from '../../src/replication/copy-time-report.ts';
import type { CopyTimesStore } from '../../src/replication/ledger.ts';
import { anImage, aReference, at, fact, loginServer, noDeadline, registry } from './fixtures.ts';

describe('the report on copies', () => {
  const copied = anImage({ references: [aReference({ facts: [fact('westus', 20)] })] });
  const lastDay = withCopies(noCopies, [copied], at(60));
  const times = { westus: { all: [20_000] } };
  const version = '1';
  const other = { ...registry, name: 'other' };

  async function report(
    known: Awaited<ReturnType<CopyTimesStore['read']>>,
    servers: Readonly<Record<string, string>>,
  ) {
    const loginServers = { of: async ({ name }: { readonly name: string }) => servers[name] };
    const copyTimes = { read: async () => known, write: async () => {} };
    return reportCopyTimes(
      [registry, other],
      { ledger: { copyTimes }, loginServers },
      new Date(at(60)),
      noDeadline,
    );
  }

  it('has the times of each registry, and the copies of all of them', async () => {
    const { times: reported, lastDay: day } = await report(
      { times, version, lastDay },
      { myregistry: loginServer, other: 'other.azurecr.io' },
    );
    const objectiveMs = registry.replicationSloMs;
    const stats = { region: 'westus', samples: 1, p50Ms: 20_000, p95Ms: 20_000, withinObjective: 1 };
    expect(reported).toEqual([
      { registry: 'myregistry', loginServer, objectiveMs, ...stats },
      { registry: 'other', loginServer: 'other.azurecr.io', objectiveMs, ...stats },
    ]);
    expect(cellsOf(day['westus'] ?? [])).toMatchObject([{ copies: 2 }]);
  });

  it('leaves out a registry whose login server nobody knows', async () => {
    const { times: reported } = await report({ times, version, lastDay }, { other: 'other.azurecr.io' });
    expect(reported.map((one) => one.registry)).toEqual(['other']);
  });

  it.each([
    ['nothing is stored', undefined, 0],
    ['an earlier version stored no day', { times, version }, 1],
  ])('has no copies where %s', async (_, known, regions) => {
    const found = await report(known, { myregistry: loginServer });
    expect(found.times).toHaveLength(regions);
    expect(found.lastDay).toEqual({});
  });
});
