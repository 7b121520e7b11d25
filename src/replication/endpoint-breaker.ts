import { unlessAborted } from '../lib/async.ts';
import type { ManifestAnswer, ManifestReader } from '../registries/ports.ts';

/**
 * Keeps an endpoint that hangs from using up the time that a review has for all others. One that gives no answer is told
 * from one that refuses: a refusal comes at once, and costs nothing.
 *
 * | endpoint          | of a question                                                                       |
 * |-------------------|-------------------------------------------------------------------------------------|
 * | answers           | it is asked                                                                         |
 * | hung three times  | it is not asked for the rest of the review: its images are unverified               |
 * | and a next review | asks it one question, for whose answer the others wait; then as that answer has it  |
 */
export interface EndpointBreaker {
  /** Begins a review. */
  begin(): void;
  /** The same reader, behind the breaker. */
  guard(manifests: ManifestReader): ManifestReader;
}

/** So many questions in a row without an answer are not chance. */
const failuresToOpen = 3;
/** No answer for as long as this is silence. What refuses is faster. */
const silenceMs = 1_000;

interface Endpoint {
  failuresInARow: number;
  /** The question of this review that the others wait for; `undefined` when none was asked yet. */
  probe: Promise<unknown> | undefined;
}

export function endpointBreaker(now: () => Date): EndpointBreaker {
  const endpoints = new Map<string, Endpoint>();
  const isOpen = ({ failuresInARow }: Endpoint): boolean => failuresInARow >= failuresToOpen;

  async function ask(endpoint: Endpoint, question: () => Promise<ManifestAnswer>): Promise<ManifestAnswer> {
    const askedMs = now().getTime();
    const answer = await question();
    const isSilent = answer.kind === 'unverified' && now().getTime() - askedMs >= silenceMs;
    endpoint.failuresInARow = isSilent ? endpoint.failuresInARow + 1 : 0;
    return answer;
  }

  const guarded =
    (question: ManifestReader['head']): ManifestReader['head'] =>
    async (registry, region, repository, reference, deadline) => {
      const key = `${registry.id} ${region}`;
      const endpoint = endpoints.get(key) ?? { failuresInARow: 0, probe: undefined };
      endpoints.set(key, endpoint);
      const run = () => ask(endpoint, () => question(registry, region, repository, reference, deadline));
      if (!isOpen(endpoint)) return run();
      if (endpoint.probe === undefined) {
        const probe = run();
        endpoint.probe = probe;
        return probe;
      }
      await unlessAborted(deadline.signal, endpoint.probe).catch(() => undefined);
      if (!isOpen(endpoint)) return run();
      return { kind: 'unverified', reason: 'it gave no answer to other questions' };
    };

  return {
    begin() {
      for (const endpoint of endpoints.values()) endpoint.probe = undefined;
    },
    guard: (manifests) => ({
      head: guarded((...question) => manifests.head(...question)),
      confirmAbsence: guarded((...question) => manifests.confirmAbsence(...question)),
      contents: (...question) => manifests.contents(...question),
    }),
  };
}
