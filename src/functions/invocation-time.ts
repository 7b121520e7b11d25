/** Event Grid waits 30 s for an answer; what is left over is the host's. */
export const invocationMs = 25_000;
