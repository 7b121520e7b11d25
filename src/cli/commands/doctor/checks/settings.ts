import { type Config, configErrors, scheduleErrors } from '../../../../config.ts';
import type { Check, Finding } from '../check.ts';
import type { StatusReading } from '../check-context.ts';

interface SettingsFacts {
  /** What is wrong with the settings that the command uses; one sentence each. */
  readonly errors: readonly string[];
  /** What the app reports as wrong with its own. */
  readonly appErrors: readonly string[];
  readonly here: MappedNames | undefined;
  readonly inApp: MappedNames | undefined;
}

/** Keys of the zone map and names of the registries, which show whether two sets of settings are the same. */
interface MappedNames {
  readonly spokes: readonly string[];
  readonly registries: readonly string[];
}

const fix =
  'correct it in infra/main.parameters.json and run "azd provision", or use: az functionapp config appsettings set';

/** The settings are correct, and the same as in the app: otherwise the other checks say little about the app. */
export const settingsCheck: Check<SettingsFacts> = {
  name: 'settings',
  title: 'Settings',
  async read({ config, status }) {
    const reading = await status();
    const problems = reading.kind === 'answered' ? reading.status.problems : [];
    return {
      errors: [...configErrors(config), ...(await scheduleErrors(config))].map(({ message }) => message),
      appErrors: problems.filter(({ code }) => code === 'settingBad').map(({ message }) => message),
      here: namesHere(config),
      inApp: namesInApp(reading),
    };
  },
  evaluate({ errors, appErrors, here, inApp }) {
    const why = 'functions that need the setting fail, or skip what the wrong entry is about';
    const bad = [...new Set([...errors, ...appErrors])].map(
      (what): Finding => ({ severity: 'error', what, why, fix }),
    );
    // A comparison makes sense only once all settings are correct.
    if (here === undefined || bad.length > 0) return bad;
    if (here.spokes.length + here.registries.length === 0) {
      return [
        {
          severity: 'warning',
          what: 'DNS_ZONE_MAP and REGISTRIES are empty',
          why: 'evenkeel manages no records and watches no images',
          fix: 'fill them as docs/settings.md describes, and run "azd provision"',
        },
      ];
    }
    return inApp === undefined ? [] : differences(here, inApp);
  },
};

/** Whether the settings are known to be another app's. */
export function differsFromApp(config: Config, reading: StatusReading): boolean {
  const here = namesHere(config);
  const inApp = namesInApp(reading);
  if (here === undefined || inApp === undefined) return false;
  return !isSame(here.spokes, inApp.spokes) || !isSame(here.registries, inApp.registries);
}

/** @returns `undefined` when the settings cannot be read. */
const namesHere = ({ zoneMap, registries }: Config): MappedNames | undefined =>
  zoneMap.ok && registries.ok
    ? {
        spokes: zoneMap.value.places.map(({ key }) => key),
        registries: registries.value.all.map(({ name }) => name),
      }
    : undefined;

/** @returns `undefined` when the app does not report them. */
const namesInApp = (reading: StatusReading): MappedNames | undefined =>
  reading.kind === 'answered'
    ? {
        spokes: reading.status.dns.spokes.map(({ key }) => key),
        registries: reading.status.registries.map(({ registry }) => registry),
      }
    : undefined;

const isSame = (ours: readonly string[], theirs: readonly string[]): boolean =>
  ours.toSorted().join() === theirs.toSorted().join();

function differences(here: MappedNames, inApp: MappedNames): Finding[] {
  const settings = [
    { name: 'DNS_ZONE_MAP', ours: here.spokes, theirs: inApp.spokes },
    { name: 'REGISTRIES', ours: here.registries, theirs: inApp.registries },
  ];
  return settings
    .filter(({ ours, theirs }) => !isSame(ours, theirs))
    .map(({ name, ours, theirs }) => ({
      severity: 'warning',
      what: `${name} here (${ours.join(', ') || 'empty'}) differs from the app's (${theirs.join(', ') || 'empty'})`,
      why: 'the checks use the settings here, so they may miss problems of the app',
      fix: 'az functionapp config appsettings list --ids "$EVENKEEL_FUNCTION_APP_ID" > app.json, then use --settings app.json',
    }));
}
