import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resourceEvent } from './events.ts';
import { type Installation, install } from './installation.ts';
import { removeEverything } from './records.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install({ withDriftLog: true });
});
afterAll(() => installation.close());
afterEach(() => removeEverything(installation.azure));

async function finding(id: string): Promise<string> {
  const { deliver, lines } = installation;
  const from = lines.length;
  expect(await deliver(resourceEvent(id), 'trackIpDrift')).toBe(202);
  const reports = lines.slice(from).filter((line) => line.includes('ip drift {'));
  expect(reports).toHaveLength(1);
  return /"finding":"(\w+)"/.exec(reports.join())?.[1] ?? '';
}

describe('trackIpDrift', () => {
  it('tells every finding, with 3 reads at most, and writes nothing', async () => {
    const { azure, deliver } = installation;
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    const found: string[] = [await finding(web)];
    await deliver(resourceEvent(web));
    const mark = azure.requests.mark();
    found.push(await finding(web));
    azure.zones.put('1.10.in-addr.arpa', 'PTR', '4.0', { values: ['other.example.com.'] });
    found.push(await finding(web));
    azure.zones.remove('1.10.in-addr.arpa', 'PTR', '4.0');
    found.push(await finding(web));
    azure.containerGroups.move(web, '10.1.0.9');
    found.push(await finding(web));
    azure.containerGroups.delete(web);
    found.push(await finding(web));
    expect(found).toEqual([
      'first_seen',
      'no_change',
      'ptr_differs',
      'ptr_missing',
      'drift_detected',
      'drift_detected',
    ]);
    const asked = azure.requests.since(mark).filter(({ id }) => id.startsWith('/subscriptions/'));
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
    expect(asked.length).toBeLessThanOrEqual(5 * 3);
  });

  it('sends the same as a row to the data collection rule', async () => {
    const { azure } = installation;
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    await finding(web);
    const row = azure.logs.rows('dcr-1', 'Custom-EvenkeelDrift').at(-1);
    expect(row).toMatchObject({
      Finding: 'first_seen',
      ContainerGroup: web.toLowerCase(),
      HostName: 'web',
      Zone: 'spoke-a.internal.contoso.com',
      LiveAddress: '10.1.0.4',
      RecordAddress: null,
    });
    expect(Object.keys(row ?? {}).toSorted()).toEqual(
      [
        'ContainerGroup',
        'EventId',
        'Finding',
        'HostName',
        'LagMs',
        'LiveAddress',
        'RecordAddress',
        'TimeGenerated',
        'Zone',
      ].toSorted(),
    );
  });

  it('accepts the event all the same when the row cannot be sent', async () => {
    const { azure, lines } = installation;
    azure.faults.add({ match: 'LogsIngestion_Upload', kind: 'status', status: 403 });
    const web = azure.containerGroups.create({
      resourceGroup: 'rg-spoke-a',
      name: 'web',
      address: '10.1.0.4',
    });
    const from = lines.length;
    expect(await finding(web)).toBe('first_seen');
    expect(lines.slice(from).filter((line) => line.includes('ip drift upload failed'))).toHaveLength(1);
  });
});
