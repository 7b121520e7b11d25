import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuMs } from './process-usage.ts';

/**
 * Measures what other processes use of the machine, which lowers the rates that are measured meanwhile.
 * @returns a function that ends it and returns the share of all processes other than these and this one.
 */
export function watchOthers(pids: readonly number[]): () => number {
  const ours = () => [process.pid, ...pids].reduce((sum, pid) => sum + cpuMs(pid), 0);
  const [busyBefore, oursBefore, startedAt] = [busyMs(), ours(), performance.now()];
  return () => {
    const others = busyMs() - busyBefore - (ours() - oursBefore);
    return Math.max(0, others / ((performance.now() - startedAt) * availableParallelism()));
  };
}

/**
 * The CPU time of all processes in ms.
 * https://man7.org/linux/man-pages/man5/proc_stat.5.html
 */
function busyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) * 10;
}
