import { regionOf } from '../../../registries/replica.ts';
import { shownName } from '../../../status/shown-name.ts';
import { fetchStatus, findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { selectRegistries } from '../../select-registries.ts';
import { type OpenImage, readImageReport } from './document.ts';
import { imageLines, isLate, missingIn } from './image-lines.ts';

interface ImagesOptions extends Pick<SharedOptions, 'app' | 'json'> {
  readonly registry?: string | undefined;
  readonly repository?: string | undefined;
  readonly region?: string | undefined;
  readonly late?: true | undefined;
}

/**
 * `evenkeel images`: lists the images that are on their way, or looks one up. Each is one call of the app.
 * @returns the exit code: 0 none is late, 1 the list cannot be read, 3 some are late.
 * @throws {ArgumentError | SettingError | AppCallError}
 */
export async function runImages(
  image: string | undefined,
  options: ImagesOptions,
  context: CliContext,
): Promise<number> {
  if (image !== undefined) {
    const { registry, repository, region, late } = options;
    if ([registry, repository, region, late].some((filter) => filter !== undefined)) {
      throw new ArgumentError(
        '--registry, --repository, --region and --late are for lists, and one image is named',
      );
    }
    const { lookUpImage } = await import('./look-up.ts');
    return lookUpImage(image, options, context);
  }
  const { status } = await fetchStatus(context, findApp(options.app, context.env), readImageReport);
  const registries = options.registry === undefined ? undefined : selectRegistries(status, options.registry);
  const shown = status.open.filter((one) => isWanted(one, options, registries?.map(keyOf)));
  const isUnread = status.unknown.includes('images');
  const exitCode = isUnread ? 1 : shown.some(isLate) ? 3 : 0;
  const named = shown.map((one) => ({ ...one, registry: shownName(one, status.registries) }));
  const { open, total } = status;
  printResult(context, options, {
    json: { now: status.now, images: shown, total, isComplete: !isUnread && open.length >= total, exitCode },
    lines: (pc) => imageLines({ shown: named, listed: open.length, total, isUnread }, pc),
  });
  return exitCode;
}

function isWanted(
  image: OpenImage,
  { repository, region, late }: ImagesOptions,
  registries: readonly string[] | undefined,
): boolean {
  return (
    (registries === undefined || registries.includes(keyOf(image))) &&
    (repository === undefined || image.repository.includes(repository.toLowerCase())) &&
    (region === undefined || missingIn(image).includes(regionOf(region))) &&
    (late === undefined || isLate(image))
  );
}

/** Two registries may have one name. */
const keyOf = ({
  registry,
  loginServer,
}: {
  readonly registry: string;
  readonly loginServer: string | null;
}) => loginServer ?? registry;
