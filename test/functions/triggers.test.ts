import { app } from '@azure/functions';
import * as v from 'valibot';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import {
  type DnsFunctions,
  type RegistryFunctions,
  registerFunctions,
} from '../../src/functions/triggers.ts';

afterEach(() => void vi.restoreAllMocks());

const kinds = ['eventGrid', 'http', 'storageQueue', 'timer'] as const;

/** What is registered with which options. Each function answers with its name. */
function register(env: Readonly<Record<string, string>> = {}) {
  const spies = kinds.map((kind) => ({ kind, spy: vi.spyOn(app, kind).mockImplementation(() => {}) }));
  const answering = (name: string) => async () => ({ body: name });
  const functions: DnsFunctions & RegistryFunctions = {
    reconcileDns: answering('reconcileDns'),
    resumeDns: answering('resumeDns'),
    auditDns: async (timer) => void timers.push('auditDns', timer),
    trackIpDrift: answering('trackIpDrift'),
    receiveRegistryWebhook: answering('receiveRegistryWebhook'),
    receiveRegistryEvent: answering('receiveRegistryEvent'),
    getReplication: answering('getReplication'),
    reviewReplicas: async (timer) => void timers.push('reviewReplicas', timer),
    rehearseReplica: answering('rehearseReplica'),
    getStatus: answering('getStatus'),
    statusPage: answering('statusPage'),
  };
  const timers: unknown[] = [];
  const load = vi.fn(async () => functions);
  registerFunctions(parseConfig(env), { dns: load, registries: load });
  const registered = spies.flatMap(({ kind, spy }) =>
    spy.mock.calls.map(([name, options]) => {
      const { handler, ...trigger } = v.parse(v.looseObject({ handler: v.function() }), options);
      return { kind, name, trigger, handler };
    }),
  );
  return { registered, functions, load, timers };
}

describe('registerFunctions', () => {
  it('registers each function with its trigger, and loads none', () => {
    const { registered, load } = register({ REVIEW_SCHEDULE: '0 */2 * * * *' });
    const triggers = Object.fromEntries(registered.map(({ name, kind, trigger }) => [name, [kind, trigger]]));
    const http = (method: string, route: string) => [
      'http',
      { methods: method.split(' '), authLevel: 'function', route },
    ];
    expect(triggers).toEqual({
      reconcileDns: ['eventGrid', {}],
      resumeDns: ['storageQueue', { queueName: 'evenkeel-dns', connection: 'AzureWebJobsStorage' }],
      auditDns: ['timer', { schedule: '0 */15 * * * *' }],
      trackIpDrift: ['eventGrid', {}],
      receiveRegistryWebhook: http('POST', 'registry-webhook'),
      receiveRegistryEvent: ['eventGrid', {}],
      getReplication: http('GET', 'replication'),
      reviewReplicas: ['timer', { schedule: '%REVIEW_SCHEDULE%' }],
      rehearseReplica: http('POST DELETE', 'rehearsals'),
      getStatus: http('GET', 'status'),
      statusPage: http('GET', 'dashboard'),
    });
    expect(load).not.toHaveBeenCalled();
  });

  it('hands an invocation to the function of its name, and an answer back', async () => {
    const { registered, functions, timers } = register();
    expect(registered.map(({ name }) => name).toSorted()).toEqual(Object.keys(functions).toSorted());
    for (const { kind, name, handler } of registered) {
      const answer: unknown = await handler(name, {});
      if (kind !== 'timer') expect(answer).toEqual({ body: name });
    }
    expect(timers).toEqual(['auditDns', 'auditDns', 'reviewReplicas', 'reviewReplicas']);
  });
});
