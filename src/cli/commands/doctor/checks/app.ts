import type { Check } from '../check.ts';
import type { StatusReading } from '../visit.ts';

/** Whether the app answers, and can read what it remembers. */
export const appCheck: Check<StatusReading> = {
  name: 'app',
  title: 'The function app',
  read: ({ status }) => status(),
  judge(reading) {
    if (reading.kind === 'failed') {
      return [
        {
          severity: 'error',
          what: `the app does not tell its status: ${reading.reason}`,
          why: 'nothing is known of its schedules, its clock and its storage; it may not run at all',
          fix: 'az functionapp show --ids "$EVENKEEL_FUNCTION_APP_ID" --query state; look at its log stream',
        },
      ];
    }
    return reading.status.problems
      .filter(({ code }) => code === 'partUnknown')
      .map(({ message }) => ({
        severity: 'error',
        what: `in the app, ${message}`,
        why: 'it cannot remember: reports, images or reviews are lost to it until it can read its storage',
        fix: "give the app's identity the roles Storage Blob Data Owner, Storage Queue Data Contributor and Storage Table Data Contributor on the storage account; check its network rules",
      }));
  },
};
