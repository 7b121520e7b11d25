/** Recognises the app in the destinations of event subscriptions and webhooks. */
export interface AppIdentity {
  /** Base URL, without a final slash. */
  readonly url: string;
  /** ARM id of the function app, where it was given. */
  readonly appId: string | undefined;
}

/**
 * Whether the ARM id of a function app is that of this app. Where the id of this app was not given, the app's name is
 * compared. It is the first label of the host name, or the beginning of that label:
 * `name-0123456789abcdef.westeurope-01.azurewebsites.net`.
 * https://learn.microsoft.com/azure/app-service/overview-hosting-plans
 */
export function isThisApp(id: string, { url, appId }: AppIdentity): boolean {
  if (appId !== undefined) return id.toLowerCase() === appId.toLowerCase();
  const name = id.toLowerCase().split('/').at(-1) ?? '';
  const label = new URL(url).hostname.split('.')[0] ?? '';
  return name !== '' && (label === name || (label.startsWith(`${name}-`) && /-[a-z0-9]{16}$/.test(label)));
}

/** Whether a URL leads to the host of this app. */
export const isOnThisApp = (url: string, { url: app }: AppIdentity): boolean =>
  URL.canParse(url) && new URL(url).host === new URL(app).host;
