import type { ArmAnswer, ArmRequest } from './operation.ts';

export type RequestHook = (request: ArmRequest) => void | Promise<void>;
export type HandledHook = (request: ArmRequest, answer: ArmAnswer) => void | Promise<void>;

/** Code of a test that runs between the arrival of a request and its effect, or between effect and answer. */
export class Hooks<Hook extends (...args: never[]) => void | Promise<void>> {
  private readonly hooks = new Set<Hook>();

  /** Returns how to remove the hook. */
  add(hook: Hook): () => void {
    this.hooks.add(hook);
    return () => {
      this.hooks.delete(hook);
    };
  }

  /** Runs the hooks one after another. */
  async run(...args: Parameters<Hook>): Promise<void> {
    for (const hook of [...this.hooks]) await hook(...args);
  }
}
