import { describe, expect, it } from 'vitest';
import { largeStatus } from '../../scripts/status-page/large-status.ts';
import { unevenStatus } from '../../scripts/status-page/sample-status.ts';
import { briefParts, briefStatus } from '../../src/status/brief.ts';

const large = largeStatus();

describe('the status in short', () => {
  it.each(briefParts)('fits an assistant as %s, however large the installation', (part) => {
    const length = JSON.stringify(briefStatus(large, part)).length;
    expect(JSON.stringify(large).length).toBeGreaterThan(1_000_000);
    expect(length).toBeLessThan(64 * 1024);
  });

  it.each(briefParts)('has no command to run as %s', (part) => {
    expect(JSON.stringify(unevenStatus)).toContain('az acr');
    expect(JSON.stringify(briefStatus(unevenStatus, part))).not.toContain('az acr');
  });

  it('names nobody who asked for a rehearsal', () => {
    const rehearsal = { until: '2026-11-28T12:00:00Z', by: 'ada@contoso.com', reason: 'a drill' };
    const registries = unevenStatus.registries.map((registry) => ({
      ...registry,
      replicas: registry.replicas.map((replica) => ({ ...replica, rehearsal })),
    }));
    const text = JSON.stringify(briefStatus({ ...unevenStatus, registries }, 'registries'));
    expect(text).toContain(rehearsal.until);
    expect(text).not.toMatch(/ada@|drill/);
  });

  it('counts everything, and shows the first rows', () => {
    expect(briefStatus(large, 'summary')).toMatchObject({
      even: large.even,
      problems: { total: large.problems.length },
      dns: { spokes: 200, containerGroups: 5_000, openFindings: 300 },
      images: { open: 230 },
      registries: { total: 50 },
    });
    expect(briefStatus(large, 'dns')).toMatchObject({ dns: { findings: { total: 300 } } });
    expect(briefStatus(large, 'registries')).toMatchObject({ replicas: { total: 1_000 } });
  });

  it('shows first what is wrong', () => {
    const summary = briefStatus(large, 'summary');
    expect(summary).toHaveProperty('registries.rows.2.regionsInNeedOfAttention', ['westus']);
    expect(summary).toHaveProperty('registries.rows.3.regionsInNeedOfAttention', []);
    expect(briefStatus(large, 'registries')).toHaveProperty('replicas.rows.2.verdict', 'flagged');
    expect(briefStatus(large, 'registries')).toHaveProperty('replicas.rows.3.verdict', 'ok');
  });
});
