import { parseJsonSetting } from '../json-setting.ts';
import { badSetting, goodSetting, type Setting, settingValue } from '../settings/setting.ts';
import type { Registry } from './registry.ts';
import { parseRegistryEntry } from './registry-entry.ts';
import { parseRegistryId } from './registry-id.ts';
import { registryNameOf } from './registry-name.ts';

/** The setting `REGISTRIES`, ready to be asked. An entry that is wrong stands in nobody else's way. */
export interface Registries {
  /** Those whose entries are good. */
  readonly all: readonly Registry[];
  /** What is wrong with the others, each a sentence that names the entry. */
  readonly problems: readonly string[];
  /**
   * @param name the registry's name, or the host name of its login server or of a regional endpoint
   * @returns `undefined` when no entry is about it.
   * @throws {SettingError} when its entry is wrong.
   */
  named(name: string): Registry | undefined;
  /**
   * The only configured registry; `undefined` when there is none or more than one.
   * @throws {SettingError} when its entry is wrong.
   */
  only(): Registry | undefined;
}

interface Entry {
  /** `undefined` where the entry has no readable id. */
  readonly name: string | undefined;
  readonly registry: Setting<Registry>;
}

/** @param text the text of `REGISTRIES`; unset means no registry. */
export function parseRegistries(text: string | undefined): Setting<Registries> {
  const json = parseJsonSetting('REGISTRIES', text, '[]');
  if (!json.ok) return json;
  if (!Array.isArray(json.value)) {
    const found = typeof json.value === 'object' && json.value !== null ? 'an object' : String(json.value);
    return badSetting(`REGISTRIES: expected an array, found ${found}`);
  }
  const values: readonly unknown[] = json.value;
  const entries = values.map((value, index): Entry => {
    const at = `REGISTRIES[${index}]`;
    return { name: nameIn(value), registry: parseRegistryEntry(value, at) };
  });
  return goodSetting(registriesOf(withoutTwins(entries)));
}

function registriesOf(entries: readonly Entry[]): Registries {
  const byName = new Map(entries.flatMap(({ name, registry }) => (name ? [[name, registry]] : [])));
  const [first, ...others] = entries;
  return {
    all: entries.flatMap(({ registry }) => (registry.ok ? [registry.value] : [])),
    problems: entries.flatMap(({ registry }) => (registry.ok ? [] : [registry.error.message])),
    named: (name) => {
      const registry = byName.get(registryNameOf(name));
      return registry && settingValue(registry);
    },
    only: () => (first !== undefined && others.length === 0 ? settingValue(first.registry) : undefined),
  };
}

/** Which of two entries for one registry was meant is not known, so neither is used. */
function withoutTwins(entries: readonly Entry[]): Entry[] {
  return entries.map((entry, index) => {
    const { name } = entry;
    const twin = entries.findIndex((other, at) => at !== index && other.name === name);
    if (name === undefined || twin < 0) return entry;
    const problem = `found the registry ${name}, which is that of REGISTRIES[${twin}] too, expected each registry once`;
    return { name, registry: badSetting(`REGISTRIES[${index}].id: ${problem}`) };
  });
}

function nameIn(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || !('id' in entry)) return undefined;
  return typeof entry.id === 'string' ? parseRegistryId(entry.id)?.name : undefined;
}
