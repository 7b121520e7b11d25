import { describe, expect, it } from 'vitest';
import { readSettings } from '../../src/cli/app-settings.ts';

const reference = '@Microsoft.KeyVault(VaultName=kv;SecretName=webhooks)';
const files: Readonly<Record<string, string>> = {
  'app.json': JSON.stringify([
    { name: 'REGISTRY_WEBHOOK_SECRET', value: reference },
    { name: 'DNS_ZONE_MAP', value: reference },
  ]),
};
const readFile = async (path: string): Promise<string> => {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
};

describe('the settings of a command', () => {
  it('leave out a secret that only the host of the app can read, and no other reference', async () => {
    expect(await readSettings('app.json', { env: {}, readFile })).toEqual({ DNS_ZONE_MAP: reference });
    expect(await readSettings(undefined, { env: { REGISTRY_WEBHOOK_SECRET: reference }, readFile })).toEqual(
      {},
    );
  });

  it.each(['', ' '])('are in no file that is called "%s"', async (file) => {
    await expect(readSettings(file, { env: {}, readFile })).rejects.toThrow(
      `--settings: expected a file, found "${file}"`,
    );
  });

  it('have the secret itself where it is given', async () => {
    const env = { REGISTRY_WEBHOOK_SECRET: 'hunter2', REGISTRIES: '[]' };
    expect(await readSettings(undefined, { env, readFile })).toEqual(env);
  });
});
