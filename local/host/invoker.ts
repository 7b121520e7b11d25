import type { CoreInvocationContext, InvocationResponse, TypedData } from './core-types.ts';
import type { FunctionApp, RegisteredFunction } from './function-app.ts';
import { describeError, type HostLog } from './host-log.ts';

/** One firing of a function. */
export interface Firing {
  /** Why, in the words of the log line, such as `Timer fired at ...`. */
  readonly reason: string;
  /** An error tells why the trigger's value cannot be bound: the run fails, and the function is not entered. */
  readonly input: TypedData | Error;
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  /** A second line for the log, which names what fired the function. */
  readonly details?: string;
}

/** `error` is what the function threw, or a hook of the app. It has been logged. */
export type Outcome =
  | { readonly succeeded: true; readonly response: InvocationResponse }
  | { readonly succeeded: false; readonly error: unknown };

interface InvokerOptions {
  readonly app: FunctionApp;
  readonly log: HostLog;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Runs functions, logs each run as `func start` does, and keeps track of what still runs. */
export class Invoker {
  readonly #options: InvokerOptions;
  readonly #running = new Set<Promise<Outcome>>();

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  /** Never rejects: a failure is an outcome. */
  fire(target: RegisteredFunction, firing: Firing): Promise<Outcome> {
    const run = this.#run(target, firing);
    this.#running.add(run);
    return run.finally(() => this.#running.delete(run));
  }

  /** Resolves when no function runs any more, including those fired meanwhile. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #run(target: RegisteredFunction, firing: Firing): Promise<Outcome> {
    const { log, now, newId } = this.#options;
    const id = newId();
    const started = now();
    log.write('information', `Executing 'Functions.${target.name}' (Reason='${firing.reason}', Id=${id})`);
    if (firing.details !== undefined) log.write('information', `Trigger Details: ${firing.details}`);
    const ending = () => `Id=${id}, Duration=${now().getTime() - started.getTime()}ms`;
    try {
      const response = await this.#invoke(target, firing, id);
      log.write('information', `Executed 'Functions.${target.name}' (Succeeded, ${ending()})`);
      return { succeeded: true, response };
    } catch (error) {
      log.write('error', `Executed 'Functions.${target.name}' (Failed, ${ending()})`);
      log.write(
        'error',
        `Exception while executing function: Functions.${target.name}. ${describeError(error)}`,
      );
      return { succeeded: false, error };
    }
  }

  async #invoke(target: RegisteredFunction, firing: Firing, id: string): Promise<InvocationResponse> {
    const { app } = this.#options;
    if (firing.input instanceof Error) throw firing.input;
    const model = app.programmingModel;
    if (model === undefined) throw new Error('the app has set no programming model');

    let invocationContext: unknown;
    const core: CoreInvocationContext = {
      invocationId: id,
      request: {
        invocationId: id,
        functionId: target.metadata.functionId ?? target.name,
        inputData: [{ name: target.triggerName, data: firing.input }],
        triggerMetadata: firing.triggerMetadata ?? {},
      },
      metadata: target.metadata,
      state: undefined,
      log: (level, category, message) => app.log(level, category, message, invocationContext),
    };
    const invocation = await model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    invocationContext = context;

    const common = { hookData: {}, appHookData: app.appHookData, invocationContext: context };
    const before = { ...common, inputs, functionCallback: target.callback };
    core.state = 'preInvocationHooks';
    await app.runHooks('preInvocation', before);

    // The hooks after a function see a failure, and may clear it or change the result.
    const after: { result: unknown; error: unknown } & typeof common & { inputs: unknown[] } = {
      ...common,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    core.state = 'invocation';
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      // A thrown null would look like a success below.
      after.error = error ?? new Error('the function threw no value');
    }
    core.state = 'postInvocationHooks';
    await app.runHooks('postInvocation', after);
    core.state = undefined;
    if (after.error !== null && after.error !== undefined) throw after.error;
    return invocation.getResponse(context, after.result);
  }
}
