import type { Output } from '../../context.ts';
import type { Palette } from '../../output/colors.ts';
import { formatTimeSpan } from '../../output/duration.ts';
import { LiveLines } from '../../output/live-lines.ts';
import { changes } from './changes.ts';
import { frame } from './frame.ts';
import { firstView, type View } from './view.ts';
import type { Wish } from './wait-condition.ts';

/** Shows somebody how a wait goes. */
export interface Progress {
  show(view: View): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

export const silent: Progress = { show: () => {}, close: () => {} };

/** A line at each change, without control characters, for logs. */
export function lineProgress(output: Output, wish: Wish, elapsedMs: () => number): Progress {
  let before = firstView;
  return {
    show: (view) => {
      for (const line of changes(before, view, wish)) {
        output.write(`${formatTimeSpan(elapsedMs()).padStart(7)}  ${line}\n`);
      }
      before = view;
    },
    close: () => {},
  };
}

/** Drawn in place, every second anew because of the time that it shows. */
export function liveProgress(output: Output, wish: Wish, elapsedMs: () => number, pc: Palette): Progress {
  const lines = new LiveLines(output);
  let view = firstView;
  const draw = () => lines.draw(frame(view, wish, elapsedMs(), pc));
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
