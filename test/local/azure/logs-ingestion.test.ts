import { LogsIngestionClient } from '@azure/monitor-ingestion';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAzure, startLocalAzure } from '../../../local/azure/local-azure.ts';

let azure: LocalAzure;

beforeEach(async () => {
  azure = await startLocalAzure();
});

afterEach(() => azure.close());

const upload = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${azure.armEndpoint}/dataCollectionRules/dcr-1/streams/Custom-X?api-version=2023-01-01`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

describe('a data collection rule', () => {
  it('keeps the rows that the SDK uploads compressed', async () => {
    const client = new LogsIngestionClient(
      azure.armEndpoint,
      { getToken: () => Promise.resolve(null) },
      { allowInsecureConnection: true },
    );
    client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
    await client.upload('dcr-1', 'Custom-X', [{ Finding: 'no_change' }]);
    await client.upload('dcr-1', 'Custom-X', [{ Finding: 'ptr_missing' }]);
    expect(azure.logs.rows('dcr-1', 'Custom-X')).toEqual([
      { Finding: 'no_change' },
      { Finding: 'ptr_missing' },
    ]);
    expect(azure.logs.rows('dcr-1', 'Custom-Y')).toEqual([]);
  });

  it.each([
    ['what is no array', '{}', {}, 400],
    ['rows that are no objects', '[1]', {}, 400],
    ['what only claims to be compressed', '[]', { 'content-encoding': 'gzip' }, 400],
    ['more than 1 MB', JSON.stringify([{ text: 'x'.repeat(1024 * 1024) }]), {}, 413],
  ])('refuses %s', async (_what, body, headers, status) => {
    expect((await upload(body, headers)).status).toBe(status);
    expect(azure.logs.rows('dcr-1', 'Custom-X')).toEqual([]);
  });
});
