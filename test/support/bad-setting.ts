import type { Setting } from '../../src/settings/setting.ts';

/** The message of a setting that has to be bad. */
export function messageOf(setting: Setting<unknown>): string {
  if (setting.ok) throw new Error(`the setting is good: ${JSON.stringify(setting.value)}`);
  return setting.error.message;
}
