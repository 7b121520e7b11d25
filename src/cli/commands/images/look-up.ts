import { parseJson } from '../../../lib/json.ts';
import { AppCallError, AppRefusedError, callApp, findApp } from '../../app-client.ts';
import { ArgumentError } from '../../argument-error.ts';
import type { CliContext } from '../../context.ts';
import type { SharedOptions } from '../../options.ts';
import { printResult } from '../../output/print-result.ts';
import { tableLines } from '../../output/table.ts';
import type { Palette } from '../../output/terminal.ts';
import { type Answer, type Replication, readAnswer } from '../wait/answer.ts';
import { formatImageReference, parseImageReference, shortDigest } from '../wait/image-reference.ts';

const timeoutMs = 30_000;

/**
 * `evenkeel images IMAGE`: what evenkeel knows of one image.
 * @returns the exit code: 0 it is in every region, 3 it is not.
 * @throws {ArgumentError | SettingError | AppCallError}
 */
export async function lookUpImage(
  imageText: string,
  options: Pick<SharedOptions, 'app' | 'json'>,
  context: CliContext,
): Promise<number> {
  const reference = parseImageReference(imageText);
  const name = formatImageReference(reference);
  const app = findApp(options.app, context.env);
  const query = new URLSearchParams({
    registry: reference.host,
    repository: reference.repository,
    reference: reference.reference,
  });
  const { status, text, retryAfter } = await callApp(
    context,
    app,
    new URL(`${app.url}/api/replication?${query}`),
    { timeoutMs },
  );
  const image = knownImage(readAnswer(status, text, retryAfter), name);
  const exitCode = status === 200 ? 0 : 3;
  printResult(context, options, { json: parseJson(text), lines: (pc) => lookUpLines(name, image, pc) });
  return exitCode;
}

/** @throws {ArgumentError | AppCallError} when nothing is known of it. */
function knownImage(answer: Answer, name: string): Replication {
  switch (answer.kind) {
    case 'refused':
      throw new AppRefusedError(answer.reason);
    case 'unavailable':
      throw new AppCallError(`${answer.reason}: try again later`);
    case 'unseen':
      throw new ArgumentError(
        `evenkeel has not seen ${name}: check the name, and that its push was reported`,
      );
    default:
      if (answer.image !== undefined) return answer.image;
      throw new AppRefusedError('the app did not answer with an image; does it run another version?');
  }
}

const titles = ['region', 'state', 'evidence', 'why'];

function lookUpLines(name: string, image: Replication, pc: Palette): string[] {
  const { state, digest, regions, leftOut, supersededBy } = image;
  const mark = state === 'replicated' ? pc.green('✔') : state === 'pending' ? pc.yellow('·') : pc.red('✖');
  const shown = digest ? ` (${shortDigest(digest)})` : '';
  const rows = regions.map((region) => [
    region.region,
    region.state === 'available' ? pc.green(region.state) : region.state,
    region.evidence ?? '-',
    region.reason ?? '-',
  ]);
  return [
    `${mark} ${name}${shown} is ${state}`,
    ...(supersededBy ? [`  its tag moved on to ${shortDigest(supersededBy)}`] : []),
    ...(rows.length === 0 ? [] : ['', ...tableLines({ titles }, rows, pc)]),
    ...(leftOut ?? []).map(({ region, reason }) => pc.dim(`  not waited for: ${region} (${reason})`)),
  ];
}
