import { Argument, Option } from '@commander-js/extra-typings';

/**
 * Options that several commands have. Each is declared here once, and a command adds those that it needs.
 * Help paragraphs that belong to an option stand below it.
 */
export const appOption = new Option('--app <url>', 'base URL of the function app (default: EVENKEEL_APP)');

export const appHelp = `Environment:
  EVENKEEL_APP  base URL of the function app, used without --app
  EVENKEEL_KEY  function key of the app`;

export const settingsOption = new Option('--settings <file>', 'settings of the function app');

export const settingsHelp = `Settings:
  The command uses the settings of the function app. Without --settings, they come from the environment and then
  from local.settings.json in the current directory. FILE is such a file, or the output of
  "az functionapp config appsettings list". It takes precedence over the environment.`;

export const groupArgument = new Argument(
  '<group>',
  'ARM id of the container group, or RESOURCE_GROUP/NAME with --subscription',
);
export const subscriptionOption = new Option('--subscription <id>', 'subscription of RESOURCE_GROUP');

export const yesOption = new Option('--yes', 'do not ask for confirmation');
export const jsonOption = new Option('--json', 'print one JSON document and nothing else');

/** Every command has it; `program.ts` looks for it, also where the rest cannot be parsed. */
export const verboseOption = new Option('--verbose', 'tell with an error what led to it (as DEBUG=1 does)');

/** The values of these options, once they are parsed. */
export interface SharedOptions {
  readonly app?: string | undefined;
  readonly settings?: string | undefined;
  readonly subscription?: string | undefined;
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}
