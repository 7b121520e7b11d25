import type * as v from 'valibot';
import { describeIssues } from '../lib/schema-issues.ts';
import { unresolvedReference } from './key-vault-reference.ts';

/**
 * The value of an app setting, or what is wrong with it. A bad setting is kept as a value, because one
 * bad setting must not hide every function: only an invocation that needs it fails.
 */
export type Setting<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: SettingError };

/** Names the setting, the path in it, what was found and what was expected. */
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

/** What is wrong with a setting, or an entry of one, by its schema. */
export const describeSettingIssues = (setting: string, issues: readonly v.BaseIssue<unknown>[]): string =>
  describeIssues(issues, { where: (keys) => `${setting}${pathText(keys)}`, values: 'shown' });

/** `["rg-spoke-a"].ttl`: keys may hold dots, so each is quoted unless it is a plain word. */
export const pathText = (keys: readonly unknown[]): string =>
  keys
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      return /^[A-Za-z_]\w*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
    })
    .join('');

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty setting counts as unset: deployment templates leave empty strings behind. */
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
