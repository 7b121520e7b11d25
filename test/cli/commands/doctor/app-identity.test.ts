import { describe, expect, it } from 'vitest';
import { isOnThisApp, isThisApp } from '../../../../src/cli/commands/doctor/app-identity.ts';

const site = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/my-evenkeel';

describe('this app', () => {
  it.each([
    [true, site, 'https://my-evenkeel.azurewebsites.net', undefined],
    [true, site, 'https://my-evenkeel-0123456789abcdef.westeurope-01.azurewebsites.net', undefined],
    [false, site, 'https://my-evenkeel-staging.azurewebsites.net', undefined],
    [false, site, 'https://evenkeel.contoso.com', undefined],
    [true, site, 'https://evenkeel.contoso.com', site.toUpperCase()],
    [false, site, 'https://my-evenkeel.azurewebsites.net', `${site}-other`],
  ])('is recognised: %s, %s at %s', (expected, id, url, appId) => {
    expect(isThisApp(id, { url, appId })).toBe(expected);
  });

  it.each([
    [true, 'https://my-evenkeel.azurewebsites.net/runtime/webhooks/eventgrid'],
    [false, 'https://other.azurewebsites.net/runtime/webhooks/eventgrid'],
    [false, 'no url'],
  ])('is where a URL leads: %s, %s', (expected, url) => {
    expect(isOnThisApp(url, { url: 'https://my-evenkeel.azurewebsites.net', appId: undefined })).toBe(
      expected,
    );
  });
});
