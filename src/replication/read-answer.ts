import type { Deadline } from '../lib/deadline.ts';
import type { RegistryView, ReplicaDirectory } from '../registries/directory.ts';
import type { Registry } from '../registries/registry.ts';
import { answerForDigest, answerForTag, type ReplicationAnswer } from './answer.ts';
import { type Image, liveReferences } from './image.ts';
import type { Ledger } from './ledger.ts';
import { seenImage } from './notice.ts';
import type { ImagePorts } from './ports.ts';
import { readTagHistory, type TagPush } from './tag-history.ts';

/** Which image is meant. */
export interface ImageQuestion {
  readonly registry: Registry;
  /** That of the registry. */
  readonly loginServer: string;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

/** The view of the registry, unless it turned out to have another login server than the question went by. */
export async function viewOf(
  { registry, loginServer }: Pick<ImageQuestion, 'registry' | 'loginServer'>,
  directory: Pick<ReplicaDirectory, 'view'>,
  deadline: Deadline,
): Promise<RegistryView | undefined> {
  const view = await directory.view(registry, deadline);
  return view?.loginServer === loginServer ? view : undefined;
}

/** Reads the answer as the ledger has it now. */
export async function readAnswer(
  { registry, loginServer, repository, reference }: ImageQuestion,
  { ledger, directory, now }: Pick<ImagePorts, 'ledger' | 'directory' | 'now'>,
  deadline: Deadline,
): Promise<ReplicationAnswer | undefined> {
  const view = await viewOf({ registry, loginServer }, directory, deadline);
  const circumstances = { registry, view, nowMs: now().getTime() };
  if (isDigest(reference)) {
    const stored = await ledger.images.read(
      { registry: loginServer, repository, digest: reference },
      deadline,
    );
    if (stored === undefined) return undefined;
    const image = seenImage(stored);
    return answerForDigest(image, await readNewerPushes(image, ledger, deadline), circumstances);
  }
  const { images, pushes } = await readTagHistory(
    { registry: loginServer, repository, tag: reference },
    ledger,
    deadline,
  );
  const [push] = pushes;
  const image = images.find(({ id }) => id.digest === push?.digest);
  const pushed = image?.references.find(({ tag }) => tag === reference);
  if (image === undefined || push === undefined || pushed === undefined) return undefined;
  const older = images.filter((other) => other !== image);
  return answerForTag(image, push, pushed, older, circumstances);
}

const isDigest = (reference: string): boolean => reference.includes(':');

/** Enough to tell whether a digest is still wanted: one with more tags is. */
const consideredTags = 5;

/** @returns by tag, the newest push of each of the image's tags that points at another digest by now. */
async function readNewerPushes(
  image: Image,
  ledger: Ledger,
  deadline: Deadline,
): Promise<Map<string, TagPush>> {
  const { registry, repository, digest } = image.id;
  const newer = new Map<string, TagPush>();
  const tags = liveReferences(image).flatMap(({ tag }) => tag ?? []);
  await Promise.all(
    tags.slice(-consideredTags).map(async (tag) => {
      const { pushes } = await readTagHistory({ registry, repository, tag }, ledger, deadline, image);
      const [newest] = pushes;
      if (newest !== undefined && newest.digest !== digest) newer.set(tag, newest);
    }),
  );
  return newer;
}
