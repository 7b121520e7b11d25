/** The type of the event by which the audit asks the reconciler to look at a container group. */
export const driftDetectedType = 'evenkeel.dns.driftDetected';
