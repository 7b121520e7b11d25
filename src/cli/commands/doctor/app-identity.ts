/** By what an event subscription's destination is recognised as this app. */
export interface AppIdentity {
  /** Base URL, without a final slash. */
  readonly url: string;
  /** ARM id of the function app, where it was given. */
  readonly appId: string | undefined;
}

/**
 * Whether a function app's ARM id is that of this app. Without the id it goes by the app's name, which is the first
 * label of its host name, or begins it: `name-0123456789abcdef.westeurope-01.azurewebsites.net`.
 * https://learn.microsoft.com/azure/app-service/overview-hosting-plans
 */
export function isThisApp(id: string, { url, appId }: AppIdentity): boolean {
  if (appId !== undefined) return id.toLowerCase() === appId.toLowerCase();
  const name = id.toLowerCase().split('/').at(-1) ?? '';
  const label = new URL(url).hostname.split('.')[0] ?? '';
  return name !== '' && (label === name || (label.startsWith(`${name}-`) && /-[a-z0-9]{16}$/.test(label)));
}

/** Whether a URL leads to this app's host. */
export const isOnThisApp = (url: string, { url: app }: AppIdentity): boolean =>
  URL.canParse(url) && new URL(url).host === new URL(app).host;
