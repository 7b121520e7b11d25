import { afterEach, describe, expect, it } from 'vitest';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';

let installation: Installation | undefined;
afterEach(() => installation?.close());

const sentences = {
  zoneMap: 'DNS_ZONE_MAP["rg-spoke-a"].ttl: expected number, found "soon"',
  arm: 'ARM_ENDPOINT: expected https (plain http is accepted on loopback only), found "http://arm.example.com"',
};

describe('a bad setting', () => {
  it('lets the app load, is named once at start, and fails each invocation that needs it with the same sentence', async () => {
    const settings = {
      DNS_ZONE_MAP: '{"rg-spoke-a":{"forwardZone":"spoke-a.internal.contoso.com","ttl":"soon"}}',
      ARM_ENDPOINT: 'http://arm.example.com',
    };
    installation = await install({ settings });
    const { azure, deliver, lines, host } = installation;
    for (const sentence of Object.values(sentences)) {
      expect(lines.filter((line) => line.includes(sentence))).toHaveLength(1);
    }
    const web = azure.containerGroups.create({ resourceGroup: 'rg-spoke-a', name: 'web' });
    for (const functionName of ['reconcileDns', 'trackIpDrift']) {
      const from = lines.length;
      expect(await deliver(resourceEvent(web), functionName)).toBe(500);
      expect(lines.slice(from).some((line) => line.includes(sentences.zoneMap))).toBe(true);
    }
    expect(azure.requests.since()).toEqual([]);
    const listed = await (await fetch(`${host.url}/admin/functions`)).text();
    for (const name of ['auditDns', 'reconcileDns', 'resumeDns', 'trackIpDrift'])
      expect(listed).toContain(name);
  });

  it('does not stand in the way of what does not need it', async () => {
    installation = await install({ settings: { ARM_ENDPOINT: 'http://arm.example.com' } });
    const { deliver } = installation;
    const unmapped =
      '/subscriptions/s/resourceGroups/rg-x/providers/Microsoft.ContainerInstance/containerGroups/web';
    expect(await deliver(resourceEvent(unmapped))).toBe(202);
    const mapped = unmapped.replace('rg-x', 'rg-spoke-a');
    expect(await deliver(resourceEvent(mapped))).toBe(500);
    expect(installation.lines.join('\n')).toContain(`dns reconciling failed`);
    expect(installation.lines.join('\n')).toContain(JSON.stringify(sentences.arm).slice(1, -1));
  });
});
