import { type Check, Skip } from '../check.ts';

interface ScheduleFacts {
  /** What the app says is overdue. */
  readonly overdue: readonly { readonly code: string; readonly message: string }[];
}

const timers: Readonly<
  Record<string, { readonly name: string; readonly setting: string; readonly why: string }>
> = {
  auditOverdue: {
    name: 'auditDns',
    setting: 'AUDIT_SCHEDULE',
    why: 'a move by the platform raises no event: without the sweep its records stay wrong',
  },
  reviewOverdue: {
    name: 'reviewReplicas',
    setting: 'REVIEW_SCHEDULE',
    why: 'stalled images and sick replicas are not told, and held back signals stay unpublished',
  },
};

/** Whether the timers run, as the app sees it: it alone knows when it last ran one to its end. */
export const schedulesCheck: Check<ScheduleFacts> = {
  name: 'schedules',
  title: 'Schedules',
  async read({ status }) {
    const reading = await status();
    if (reading.kind === 'failed') return new Skip('the app does not tell its status');
    return { overdue: reading.status.problems.filter(({ code }) => code in timers) };
  },
  judge: ({ overdue }) =>
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
