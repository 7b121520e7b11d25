/**
 * The module that apps know as `@azure/functions-core`: `app-loader.ts` leads every request for that name here.
 *
 * It is in no registry, because a Functions host provides it. A process hosts one app, so its state is the module's.
 */
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  LogCategory,
  LogLevel,
  ProgrammingModel,
} from './core-types.ts';
import { FunctionApp } from './function-app.ts';

export { Disposable } from './function-app.ts';

/** The version of the Functions runtime whose behaviour this host follows. */
export const hostVersion = '4.1037.0';
/** The version of the worker, which is one with the host here. */
export const version = '3.10.1';

export const hostedApp = new FunctionApp();

export const registerFunction = (metadata: FunctionMetadata, callback: FunctionCallback) =>
  hostedApp.registerFunction(metadata, callback);
export const registerHook = (name: string, callback: HookCallback) => hostedApp.registerHook(name, callback);
export const setProgrammingModel = (model: ProgrammingModel) => hostedApp.setProgrammingModel(model);
export const getProgrammingModel = () => hostedApp.programmingModel;
export const log = (level: LogLevel, category: LogCategory, message: string) =>
  hostedApp.log(level, category, message);
