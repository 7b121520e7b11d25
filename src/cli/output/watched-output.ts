import type { Output } from '../context.ts';

/** An output that knows whether anything was written to it. */
interface WatchedOutput extends Output {
  readonly isUsed: boolean;
}

/** @param beforeWrite runs before each write. */
export function watchOutput(output: Output, beforeWrite: () => void): WatchedOutput {
  let isUsed = false;
  return {
    write(text) {
      beforeWrite();
      isUsed = true;
      return output.write(text);
    },
    // A terminal may be resized, so these are asked for each time.
    get isTTY() {
      return output.isTTY === true;
    },
    get columns() {
      return output.columns ?? 0;
    },
    get rows() {
      return output.rows ?? 0;
    },
    get isUsed() {
      return isUsed;
    },
  };
}
