import type * as v from 'valibot';
import { describeIssues } from '../lib/schema-issues.ts';
import { unresolvedReference } from './key-vault-reference.ts';

/**
 * The value of an app setting, or its error. The error is kept as a value, because one bad setting must not disable
 * every function: only an invocation that needs the setting fails.
 */
export type Setting<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SettingError };

/** A setting is bad. The message names it, the path in it, what was found and what was expected. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

export const goodSetting = <T>(value: T): Setting<T> => ({ ok: true, value });
export const badSetting = (message: string, options?: ErrorOptions): Setting<never> => ({
  ok: false,
  error: new SettingError(message, options),
});

/** @throws {SettingError} when the setting is bad. */
export function settingValue<T>(setting: Setting<T>): T {
  if (!setting.ok) throw setting.error;
  return setting.value;
}

/**
 * For an answer to somebody who cannot see the log: what is wrong with the app when an error, or what led to it, is a bad
 * setting. Its message holds no secret.
 * @returns `undefined` for any other error.
 */
export function settingProblem(error: unknown): string | undefined {
  if (error instanceof SettingError) return `a setting of the app is wrong: ${error.message}`;
  return error instanceof Error ? settingProblem(error.cause) : undefined;
}

/** Describes the issues that a schema found in a setting, or in one entry of it. */
export const describeSettingIssues = (setting: string, issues: readonly v.BaseIssue<unknown>[]): string =>
  describeIssues(issues, { where: (keys) => `${setting}${pathText(keys)}`, values: 'shown' });

/** A path such as `["rg-spoke-a"].ttl`. A key may contain dots, so each is quoted unless it is a plain word. */
export const pathText = (keys: readonly unknown[]): string =>
  keys
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      return /^[A-Za-z_]\w*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
    })
    .join('');

/** A value of another kind than was expected, for an error. */
export function foundText(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(JSON.stringify(value));
}

/** The app settings, which the Functions host passes as environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The trimmed text of a setting. An empty one counts as unset, because deployment templates leave empty strings. */
export function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

/** The same, and bad where it is a Key Vault reference that the platform could not resolve. */
export function readText(env: Environment, name: string): Setting<string | undefined> {
  const text = textOf(env, name);
  const unresolved = text === undefined ? undefined : unresolvedReference(name, text);
  return unresolved === undefined ? goodSetting(text) : badSetting(unresolved);
}
