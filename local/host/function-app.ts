import type {
  Binding,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  LogCategory,
  LogLevel,
  ProgrammingModel,
} from './core-types.ts';

/** `@azure/functions` tells the host's own errors from those of the app by this mark. */
class HostUsageError extends Error {
  override readonly name: string = 'HostUsageError';
  readonly isAzureFunctionsSystemError = true;
}

/** `@azure/functions` tells an old host by the name `RangeError` on an unknown hook. */
class UnknownHookError extends RangeError {
  override readonly name = 'RangeError';
  readonly isAzureFunctionsSystemError = true;
}

/** The handle of a registration: `dispose` undoes it, once. Apps see this class. */
export class Disposable {
  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  #undo: (() => unknown) | undefined;

  constructor(undo: () => unknown) {
    this.#undo = undo;
  }

  dispose(): unknown {
    const undo = this.#undo;
    this.#undo = undefined;
    return undo?.();
  }
}

export interface RegisteredFunction {
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly trigger: Binding;
  readonly triggerName: string;
  readonly callback: FunctionCallback;
}

type AppLogListener = (level: LogLevel, category: LogCategory, message: string) => void;

/**
 * What an app registers while it is imported: its programming model, its functions and its hooks.
 *
 * Functions can be added until `lock`, which is when the host starts to serve them.
 */
export class FunctionApp {
  readonly #functions = new Map<string, RegisteredFunction>();
  readonly #hooks: Readonly<Record<HookName, HookCallback[]>> = {
    appStart: [],
    appTerminate: [],
    preInvocation: [],
    postInvocation: [],
    log: [],
  };
  #model: ProgrammingModel | undefined;
  #locked = false;
  #logListener: AppLogListener = () => {};
  /** Passed to every hook of the app, as `@azure/functions` promises for `appHookData`. */
  readonly appHookData: Record<string, unknown> = {};
  /** Passed to the hooks for start and end only. */
  readonly startAndEndHookData: Record<string, unknown> = {};

  get functions(): readonly RegisteredFunction[] {
    return [...this.#functions.values()];
  }

  /** Finds a function by its exact name, as Event Grid addresses it. */
  find(name: string): RegisteredFunction | undefined {
    return this.#functions.get(name);
  }

  get programmingModel(): ProgrammingModel | undefined {
    return this.#model;
  }

  setProgrammingModel(model: ProgrammingModel): void {
    if (this.#locked) throw new HostUsageError('The programming model can only be set while the app starts.');
    this.#model = model;
  }

  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.#locked) throw new HostUsageError('A function can only be registered while the app starts.');
    const { name } = metadata;
    if (this.#functions.has(name)) {
      throw new HostUsageError(`A function named "${name}" has already been registered.`);
    }
    const found = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
    if (found === undefined) throw new HostUsageError(`The function "${name}" has no trigger.`);
    const [triggerName, trigger] = found;
    this.#functions.set(name, { name, metadata, trigger, triggerName, callback });
    return new Disposable(() => {
      if (this.#locked) throw new HostUsageError('A function can only be disposed while the app starts.');
      this.#functions.delete(name);
    });
  }

  registerHook(name: string, callback: HookCallback): Disposable {
    if (!isHookName(name)) throw new UnknownHookError(`Unrecognized hook "${name}"`);
    const hooks = this.#hooks[name];
    hooks.push(callback);
    return new Disposable(() => {
      const index = hooks.indexOf(callback);
      if (index !== -1) hooks.splice(index, 1);
    });
  }

  /** Runs hooks one after the other, in the order of their registration, until one throws. */
  async runHooks(name: Exclude<HookName, 'log'>, context: object): Promise<void> {
    for (const hook of [...this.#hooks[name]]) await hook(context);
  }

  /** Passes a line through the app's log hooks, which may change its level and its text. */
  log(level: LogLevel, category: LogCategory, message: string, invocationContext?: unknown): void {
    const line = { level, message, category, invocationContext, hookData: {}, appHookData: this.appHookData };
    for (const hook of [...this.#hooks.log]) hook(line);
    this.#logListener(line.level, category, line.message);
  }

  onLog(listener: AppLogListener): void {
    this.#logListener = listener;
  }

  lock(): void {
    this.#locked = true;
  }
}

const hookNames: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];
const isHookName = (name: string): name is HookName => hookNames.includes(name);
