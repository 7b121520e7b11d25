/**
 * The composition root: settings, clients, jobs, triggers.
 *
 * Nothing heavy is imported here. Each function loads the adapters that it needs, and with them their SDKs,
 * when it runs for the first time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArmAccess } from './azure/arm.ts';
import { configErrors, parseConfig } from './config.ts';
import { logDeferrals } from './dns/log-deferrals.ts';
import type { Clock } from './dns/ports.ts';
import { bindReconcileDns } from './functions/reconcile-dns.ts';
import { bindTrackIpDrift } from './functions/track-ip-drift.ts';
import { once } from './once.ts';
import { settingValue } from './setting.ts';

const config = parseConfig(process.env);
for (const error of configErrors(config)) console.error(error.message);

const clock: Clock = { now: () => new Date(), sleep: async (ms) => void (await sleep(ms)) };

const armAccess = once(async (): Promise<ArmAccess> => {
  const { endpoint, audience, authorityHost } = settingValue(config.arm);
  if (authorityHost === undefined) return { endpoint, audience, credential: undefined };
  const { azureCredential } = await import('./azure/credential.ts');
  return { endpoint, audience, credential: azureCredential(authorityHost) };
});
const containerGroups = once(async () => {
  const [{ containerGroupReader }, access] = await Promise.all([
    import('./azure/container-groups.ts'),
    armAccess(),
  ]);
  return containerGroupReader(access);
});
const recordSets = once(async () => {
  const [{ recordSetAdapters }, access] = await Promise.all([import('./azure/record-sets.ts'), armAccess()]);
  return recordSetAdapters(access);
});

bindReconcileDns(config, async (log) => {
  const [groups, { reader, writer }] = await Promise.all([containerGroups(), recordSets()]);
  const deferrals = logDeferrals(log);
  return {
    containerGroups: groups,
    recordSets: { ...reader, ...writer },
    deferrals,
    clock,
    random: Math.random,
  };
});

bindTrackIpDrift(config, async () => {
  const [groups, { reader }] = await Promise.all([containerGroups(), recordSets()]);
  return { containerGroups: groups, recordSets: reader, clock };
});
