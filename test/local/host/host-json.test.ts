import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHostJson } from '../../../local/host/host-json.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'host-json-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(text: string) {
  await writeFile(join(directory, 'host.json'), text);
  return readHostJson(directory);
}
const queues = async (settings: object) =>
  (await read(JSON.stringify({ version: '2.0', extensions: { queues: settings } }))).extensions.queues;

describe('host.json', () => {
  it('need say no more than its version', async () => {
    expect((await read('{"version":"2.0","logging":{}}')).extensions).toEqual({
      http: { routePrefix: 'api' },
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        maxDequeueCount: 5,
        maxPollingInterval: 2_000,
        visibilityTimeout: 0,
        messageEncoding: 'base64',
      },
      mcp: {
        serverName: 'Azure Functions MCP server',
        serverVersion: '1.0.0',
        system: { webhookAuthorizationLevel: 'system' },
      },
    });
  });

  it.each([
    ['00:00:30', 30_000],
    ['01:02:03', 3_723_000],
    ['00:00:00.25', 250],
    ['1.00:00:00', 86_400_000],
  ])('writes spans of time such as %s', async (span, ms) => {
    expect(await queues({ visibilityTimeout: span, messageEncoding: 'None' })).toMatchObject({
      visibilityTimeout: ms,
      messageEncoding: 'none',
    });
  });

  it.each([
    ['{"version":"1.0"}', 'host.json: version: '],
    [
      '{"version":"2.0","extensions":{"queues":{"batchSize":64}}}',
      'host.json: extensions.queues.batchSize: ',
    ],
    [
      '{"version":"2.0","extensions":{"queues":{"visibilityTimeout":"30"}}}',
      'visibilityTimeout: expected a time span',
    ],
    [
      '{"version":"2.0","extensions":{"mcp":{"system":{"webhookAuthorizationLevel":"Function"}}}}',
      'host.json: extensions.mcp.system.webhookAuthorizationLevel: ',
    ],
    ['{', 'host.json: '],
  ])('%s is refused with the place of what is wrong', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
