import { describe, expect, it } from 'vitest';
import { routeOf } from '../../src/azure/login-server-route.ts';
import { deadlineIn } from '../../src/lib/deadline.ts';

const cnames =
  (names: Readonly<Record<string, string>>) =>
  async (name: string): Promise<string[]> => {
    const next = names[name];
    if (next === undefined) throw Object.assign(new Error('no such name'), { code: 'ENODATA' });
    return [next];
  };

describe('the way that a login server leads', () => {
  const ask = (names: Readonly<Record<string, string>>) =>
    routeOf('myregistry.azurecr.io', cnames(names), deadlineIn(5_000));

  it('is followed to its end', async () => {
    const names = {
      'myregistry.azurecr.io': 'abc.trafficmanager.net',
      'abc.trafficmanager.net': 'R1.WestUS.cloudapp.azure.com',
    };
    expect(await ask(names)).toEqual(['abc.trafficmanager.net', 'r1.westus.cloudapp.azure.com']);
  });

  it('is unknown where DNS names none, or does not answer in time', async () => {
    expect(await ask({})).toBeUndefined();
    const silent = routeOf('myregistry.azurecr.io', () => new Promise(() => {}), deadlineIn(10));
    expect(await silent).toBeUndefined();
  });

  it('ends where it goes in a circle, and after a few names', async () => {
    expect(await ask({ 'myregistry.azurecr.io': 'a.example', 'a.example': 'a.example' })).toEqual([
      'a.example',
    ]);
    const endless = await routeOf('0', async (name) => [`${Number(name) + 1}`], deadlineIn(5_000));
    expect(endless).toHaveLength(6);
  });
});
