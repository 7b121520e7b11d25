import type { Check } from '../check.ts';
import type { StatusReading } from '../check-context.ts';

/** The app answers, and can read its own storage. */
export const appCheck: Check<StatusReading> = {
  name: 'app',
  title: 'Function app',
  read: ({ status }) => status(),
  evaluate(reading) {
    if (reading.kind === 'failed') {
      return [
        {
          severity: 'error',
          what: `the app does not report its status: ${reading.reason}`,
          why: 'its schedules, clock and storage cannot be checked; it may not run at all',
          fix: 'az functionapp show --ids "$EVENKEEL_FUNCTION_APP_ID" --query state; look at its log stream',
        },
      ];
    }
    return reading.status.problems
      .filter(({ code }) => code === 'partUnknown')
      .map(({ message }) => ({
        severity: 'error',
        what: `in the app, ${message}`,
        why: 'the app has no access to its reports, images or reviews until it can read its storage',
        fix: "assign Storage Blob Data Owner, Storage Queue Data Contributor and Storage Table Data Contributor on the storage account to the app's identity; check its network rules",
      }));
  },
};
