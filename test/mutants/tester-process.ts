import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Verdict } from './score.ts';
import type { Task } from './tester.ts';

/** One tester, which is killed and started again when it does not answer in time. */
export class TesterProcess {
  #child: ChildProcess | undefined;

  /** Whether the process of the last task still lives. A new one takes longer for its first. */
  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** What the tests make of a task: a time-out when they take longer than that. */
  async ask(task: Task, limitMs: number): Promise<Verdict> {
    this.#child ??= start();
    const child = this.#child;
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const isOver = setTimeout(() => resolve({ kind: 'time-out' }), limitMs);
    const onExit = (code: number | null) => {
      this.#child = undefined;
      resolve({ kind: 'noticed', by: `the end of the tester with code ${code}` });
    };
    child.once('message', resolve).once('exit', onExit);
    child.send(task);
    const verdict = await promise;
    clearTimeout(isOver);
    child.off('message', resolve).off('exit', onExit);
    // Something that never ends may still run, also where a test has said so.
    if (verdict.kind === 'time-out') this.stop();
    return verdict;
  }

  stop(): void {
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
