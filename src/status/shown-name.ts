interface Named {
  readonly registry: string;
  readonly loginServer: string | null;
  readonly id?: string;
}

/**
 * What people see of a registry: its name, or its login server where others have the name too.
 * @param all the registries of the status document.
 */
export const shownName = (one: Named, all: readonly Named[]): string =>
  all.filter(({ registry }) => registry === one.registry).length > 1
    ? (one.loginServer ?? one.id ?? one.registry)
    : one.registry;

/** The registries, each with what people see of it as its name. */
export const withShownNames = <R extends Named>(all: readonly R[]): R[] =>
  all.map((one) => ({ ...one, registry: shownName(one, all) }));
