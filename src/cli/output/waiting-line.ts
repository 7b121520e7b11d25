import type { Output } from '../context.ts';
import { formatDuration } from './duration.ts';

const eraseLine = '\r\x1b[K';

/**
 * A line on a terminal that says how long nothing has been printed: an app that starts cold takes its time. The first
 * output of the command ends it.
 */
export class WaitingLine {
  private readonly output: Output;
  private readonly timer: NodeJS.Timeout;
  private readonly startedAtMs = performance.now();
  private isShown = false;

  constructor(output: Output, afterMs: number) {
    this.output = output;
    this.timer = setInterval(() => this.draw(), afterMs);
    this.timer.unref();
  }

  private draw(): void {
    this.isShown = true;
    this.output.write(
      `${eraseLine}Waiting for an answer: ${formatDuration(performance.now() - this.startedAtMs)}`,
    );
  }

  /** Leaves nothing behind. */
  end(): void {
    clearInterval(this.timer);
    if (this.isShown) this.output.write(eraseLine);
    this.isShown = false;
  }
}
