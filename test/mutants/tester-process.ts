import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Verdict } from './score.ts';
import type { Task } from './tester.ts';

/** One tester, which is killed and started again when it does not answer in time. */
export class TesterProcess {
  #child: ChildProcess | undefined;

  /** What the tests make of a task; a time-out when they take longer than that. Throws when the tester ends by itself. */
  async ask(task: Task, limitMs: number): Promise<Verdict> {
    this.#child ??= start();
    const child = this.#child;
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
    const isOver = setTimeout(() => resolve({ kind: 'time-out' }), limitMs);
    const onExit = (code: number | null) =>
      reject(new Error(`the tester ended by itself, with code ${code}`));
    child.once('message', resolve).once('exit', onExit);
    child.send(task);
    try {
      const verdict = await promise;
      // Something that never ends may still run, also where a test has said so.
      if (verdict.kind === 'time-out') this.#kill();
      return verdict;
    } finally {
      clearTimeout(isOver);
      child.off('message', resolve).off('exit', onExit);
    }
  }

  stop(): void {
    this.#kill();
  }

  #kill(): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    // The group, because what never ends is a process that the tester started.
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  }
}

const start = (): ChildProcess =>
  fork(join(import.meta.dirname, 'tester.ts'), {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
