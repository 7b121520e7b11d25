import { describe, expect, it } from 'vitest';
import { namesStorage } from '../../../local/host/settings.ts';

describe('the emulator', () => {
  it.each([
    [{}, false],
    [{ AzureWebJobsFeatureFlags: 'x', AzureWebJobsStorage__tableServiceUri: '' }, false],
    [{ AzureWebJobsStorage: '' }, true],
    [{ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }, true],
    [{ AzureWebJobsStorage__accountName: 'acct' }, true],
    [{ AzureWebJobsStorage__tableServiceUri: 'http://127.0.0.1:1' }, true],
  ])('is no default where a setting names storage: %j, %s', (env, names) => {
    expect(namesStorage(env)).toBe(names);
  });
});
