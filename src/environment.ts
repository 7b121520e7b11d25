export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty setting counts as unset: deployment templates leave empty strings behind. */
export function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}
