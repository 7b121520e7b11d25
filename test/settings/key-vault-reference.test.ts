import { describe, expect, it } from 'vitest';
import { configErrors, parseConfig, scheduleErrors } from '../../src/config.ts';
import { unresolvedReference } from '../../src/settings/key-vault-reference.ts';
import { scheduleIntervalMs } from '../../src/settings/schedule.ts';
import { namesThatConfigReads } from '../support/names-that-config-reads.ts';

const reference = '@Microsoft.KeyVault(VaultName=kv-evenkeel;SecretName=zone-map)';

describe('a Key Vault reference that did not resolve', () => {
  it.each([
    reference,
    reference.toUpperCase(),
    ` ${reference}\n`,
    '@Microsoft.KeyVault(SecretUri=https://kv-evenkeel.vault.azure.net/secrets/zone-map/)',
  ])('is named, with what to check: %s', (text) => {
    const problem = unresolvedReference('NAME', text);
    expect(problem).toContain(
      `NAME: expected the value of a secret, found the Key Vault reference "${text.trim()}", which did not resolve; check`,
    );
    expect(problem).toMatch(/role Key Vault Secrets User/);
  });

  it.each(['', 'hunter2', '{"a":"@Microsoft.KeyVault(x)"}', 'Microsoft.KeyVault(x)'])(
    'is not any other text: %j',
    (text) => {
      expect(unresolvedReference('NAME', text)).toBeUndefined();
    },
  );

  // What the platform sets by itself, and what is asked for only where something else is set.
  const never = ['WEBSITE_SITE_NAME', 'WEBSITE_INSTANCE_ID'];
  const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: {
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=11111111-1111-4111-8111-111111111111',
    },
  };
  it.each(namesThatConfigReads().filter((name) => !never.includes(name)))('is told of %s', async (name) => {
    const config = parseConfig({ ...companions[name], [name]: reference });
    const messages = [...configErrors(config), ...(await scheduleErrors(config))].map(
      ({ message }) => message,
    );
    expect(messages).toEqual([expect.stringContaining(`${name}: expected the value of a secret`)]);
  });

  it('is told by whoever needs the schedule', () => {
    expect(() => scheduleIntervalMs('AUDIT_SCHEDULE', reference, new Date(0))).toThrowError(
      /^AUDIT_SCHEDULE: expected the value of a secret/,
    );
  });
});
