import { readFileSync } from 'node:fs';

/** The memory of a process, now or at its peak. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function residentMiB(pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

/** The unit of CPU time in Linux, on every architecture that Node.js supports. */
const msPerTick = 10;

/**
 * The CPU time of all threads of a process in ms. Unlike a rate, it hardly depends on other processes.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function cpuMs(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

/** The CPU time of the processes that this one started and that have ended, in ms. */
export function endedChildrenCpuMs(): number {
  const fields = statFields(process.pid);
  return (Number(fields[13]) + Number(fields[14])) * msPerTick;
}

/** The third field and those after it: the name before them, in parentheses, may contain spaces. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
