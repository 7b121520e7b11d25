/** Help that several commands share. */
export const appHelp = `Environment:
  EVENKEEL_APP  base URL of the function app, where --app is not given
  EVENKEEL_KEY  function key of the app`;

export const settingsHelp = `Settings:
  Those of the function app. Without --settings they come from the environment, and what is not there from
  local.settings.json in the current directory. FILE may be such a file, or what
  "az functionapp config appsettings list" prints; it wins over the environment.`;
