import { type Check, Skip } from '../check.ts';

interface ScheduleFacts {
  /** What the app reports as overdue. */
  readonly overdue: readonly { readonly code: string; readonly message: string }[];
}

const timers: Readonly<
  Record<string, { readonly name: string; readonly setting: string; readonly why: string }>
> = {
  auditOverdue: {
    name: 'auditDns',
    setting: 'AUDIT_SCHEDULE',
    why: 'a platform move raises no event: without the sweep, its records stay wrong',
  },
  reviewOverdue: {
    name: 'reviewReplicas',
    setting: 'REVIEW_SCHEDULE',
    why: 'stalled images and unhealthy replicas are not reported, and pending signals stay unpublished',
  },
};

/** The timers run, as the app reports: only the app knows when a run last ended. */
export const schedulesCheck: Check<ScheduleFacts> = {
  name: 'schedules',
  title: 'Schedules',
  async read({ status }) {
    const reading = await status();
    if (reading.kind === 'failed') return new Skip('the app does not report its status');
    return { overdue: reading.status.problems.filter(({ code }) => code in timers) };
  },
  evaluate: ({ overdue }) =>
    overdue.flatMap(({ code, message }) => {
      const timer = timers[code];
      if (timer === undefined) return [];
      const { name, setting, why } = timer;
      return [
        {
          severity: 'error',
          what: `${name}: ${message}`,
          why,
          fix: `look at the log of ${name}; check ${setting}, and that AzureWebJobs.${name}.Disabled is not set`,
        },
      ];
    }),
};
