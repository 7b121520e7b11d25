import { configErrors } from '../../../../config.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';
import { isSame, type Mapped, mappedHere, mappedInApp } from '../mapped.ts';

interface SettingsFacts {
  /** What is wrong with the settings that doctor goes by, each a sentence. */
  readonly errors: readonly string[];
  /** What the app says is wrong with its own. */
  readonly appErrors: readonly string[];
  /** Keys of the zone map and names of the registries; `undefined` where it cannot be read. */
  readonly here: Mapped | undefined;
  readonly inApp: Mapped | undefined;
}

const fix =
  'correct it in infra/main.parameters.json and run "azd provision", or: az functionapp config appsettings set';

/** Settings that are wrong, and settings that are not those of the app: then nothing else here is about it. */
export const settingsCheck: Check<SettingsFacts> = {
  name: 'settings',
  title: 'Settings',
  async read({ config, status }) {
    const reading = await status();
    const document = reading.kind === 'answered' ? reading.status : undefined;
    return {
      errors: configErrors(config).map(({ message }) => message),
      appErrors: (document?.problems ?? [])
        .filter(({ code }) => code === 'settingBad')
        .map(({ message }) => message),
      here: mappedHere(config),
      inApp: mappedInApp(reading),
    };
  },
  judge({ errors, appErrors, here, inApp }) {
    const why = 'the functions that need the setting fail, or leave out what its wrong entry is about';
    const bad = [...new Set([...errors, ...appErrors])].map(
      (what): Finding => ({ severity: 'error', what, why, fix: fix }),
    );
    // Once the app is right too, the next look compares them.
    if (here === undefined || bad.length > 0) return bad;
    if (here.spokes.length + here.registries.length === 0) {
      return [
        {
          severity: 'warning',
          what: 'DNS_ZONE_MAP and REGISTRIES are empty',
          why: 'evenkeel keeps no records and follows no images',
          fix: 'fill them as docs/settings.md says, and run "azd provision"',
        },
      ];
    }
    return inApp === undefined ? [] : differences(here, inApp);
  },
};

function differences(here: Mapped, inApp: Mapped): Finding[] {
  const settings = [
    ['DNS_ZONE_MAP', here.spokes, inApp.spokes],
    ['REGISTRIES', here.registries, inApp.registries],
  ] as const;
  return settings.flatMap(([name, ours, theirs]): Finding[] => {
    if (isSame(ours, theirs)) return [];
    return [
      {
        severity: 'warning',
        what: `${name} here (${ours.join(', ') || 'empty'}) is not that of the app (${theirs.join(', ') || 'empty'})`,
        why: 'what is said here is about the settings here',
        fix: 'az functionapp config appsettings list --ids "$EVENKEEL_FUNCTION_APP_ID" > app.json, then --settings app.json',
      },
    ];
  });
}
