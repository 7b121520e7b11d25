import type { TimerHandler } from '@azure/functions';
import type { Config } from '../config.ts';
import { type AuditPorts, audit } from '../dns/audit/audit.ts';
import { lineLog, logFailure } from '../lib/log.ts';
import { settingValue } from '../settings/setting.ts';

/** Sweeps for drift that raises no event: a platform move, a manual edit, a crash of another tool. */
export function auditDns(config: Config, loadPorts: () => Promise<AuditPorts>): TimerHandler {
  return async (_timer, context) => {
    const log = lineLog(context);
    try {
      const ports = await loadPorts();
      // The settings are checked here, because an error loses its class when it crosses threads.
      settingValue(config.zoneMap);
      settingValue(config.foreignRecords);
      settingValue(config.auditSubscriptions);
      await audit(ports, log);
    } catch (error) {
      logFailure('dns audit', error, {}, log);
      throw error;
    }
  };
}
