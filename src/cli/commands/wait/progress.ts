import type { Output } from '../../context.ts';
import type { Palette } from '../../output/colors.ts';
import { formatDuration } from '../../output/duration.ts';
import { LiveLines } from '../../output/live-lines.ts';
import { changes } from './changes.ts';
import { frame } from './frame.ts';
import { firstView, type View } from './view.ts';
import type { WaitCondition } from './wait-condition.ts';

/** Shows somebody how a wait goes. */
export interface Progress {
  show(view: View): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

export const silent: Progress = { show: () => {}, close: () => {} };

/** A line at each change, without control characters, for logs. */
export function lineProgress(output: Output, condition: WaitCondition, elapsedMs: () => number): Progress {
  let before = firstView;
  return {
    show: (view) => {
      for (const line of changes(before, view, condition)) {
        output.write(`${formatDuration(elapsedMs()).padStart(7)}  ${line}\n`);
      }
      before = view;
    },
    close: () => {},
  };
}

/** Drawn in place, every second anew because of the time that it shows. */
export function liveProgress(
  output: Output,
  condition: WaitCondition,
  elapsedMs: () => number,
  pc: Palette,
): Progress {
  const lines = new LiveLines(output);
  let view = firstView;
  const draw = () => lines.draw(frame(view, condition, elapsedMs(), pc));
  draw();
  const ticking = setInterval(draw, 1000);
  return {
    show: (next) => {
      view = next;
      draw();
    },
    close: () => {
      clearInterval(ticking);
      lines.close();
    },
  };
}
