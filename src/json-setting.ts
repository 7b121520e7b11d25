import { badSetting, goodSetting, type Setting } from './settings/setting.ts';

/** The value of a setting that is JSON, not yet checked for anything else; `unset` is what an empty one means. */
export function parseJsonSetting(name: string, text: string | undefined, unset: string): Setting<unknown> {
  try {
    return goodSetting(JSON.parse(text === undefined || text.trim() === '' ? unset : text));
  } catch (error) {
    return badSetting(`${name}: expected JSON, found text that is not: ${firstLine(error)}`);
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
