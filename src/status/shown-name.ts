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

interface NamedImage extends Named {
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string;
}

/** `myregistry/team/app:v1`, or with its digest where it has no tag. */
export function shownImage(image: NamedImage, all: readonly Named[]): string {
  const name = `${shownName(image, all)}/${image.repository}`;
  return image.tag === null ? `${name}@${image.digest}` : `${name}:${image.tag}`;
}

/** The registries, each with what people see of it as its name. */
export const withShownNames = <R extends Named>(all: readonly R[]): R[] =>
  all.map((one) => ({ ...one, registry: shownName(one, all) }));
