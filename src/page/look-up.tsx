import { useState } from 'preact/hooks';
import type { FetchProblem } from './fetch-problem.ts';
import { Badge } from './icons.tsx';
import { imageQuery, type LookupResult } from './image-lookup.ts';
import { Regions } from './image-regions.tsx';
import { Name, TimeAgo } from './inline-text.tsx';

/** Asks the app about one image. Never throws. */
export type LookUp = (query: URLSearchParams) => Promise<LookupResult | FetchProblem>;

/** Of one image, whether it is finished or not: where it is, since when, and how that is known. */
export function LookUpPanel({ lookUp }: { readonly lookUp: LookUp }) {
  const [text, setText] = useState('');
  const [shown, setShown] = useState<{ name: string; result: LookupResult | FetchProblem | 'asking' }>();
  async function submit(): Promise<void> {
    const name = text.trim();
    const query = imageQuery(name);
    if (query === undefined) {
      setShown({
        name,
        result: { kind: 'message', message: 'expected REGISTRY/REPOSITORY:TAG or …@DIGEST' },
      });
      return;
    }
    setShown({ name, result: 'asking' });
    const result = await lookUp(query);
    // A later question may have been asked in the meantime.
    setShown((now) => (now?.name === name ? { name, result } : now));
  }
  return (
    <section id="look-up" class="panel" aria-labelledby="look-up-title">
      <h2 id="look-up-title">Look up an image</h2>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label for="look-up-name">Registry, repository, and tag or digest</label>
        <div class="ask-line">
          <input
            id="look-up-name"
            type="text"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder="myregistry/team/app:v1"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <button type="submit">Look up</button>
        </div>
      </form>
      {shown === undefined ? null : (
        <div class="look-up-result">
          <p>
            <Name>{shown.name}</Name>:{' '}
            {shown.result === 'asking' ? 'asking…' : <ResultLine result={shown.result} />}
          </p>
          {shown.result !== 'asking' && shown.result.kind === 'image' ? (
            <Regions regions={shown.result.image.regions} />
          ) : null}
        </div>
      )}
    </section>
  );
}

function ResultLine({ result }: { readonly result: LookupResult | FetchProblem }) {
  if (result.kind === 'message') return <>{result.message}.</>;
  if (result.kind !== 'image') return <>{`${result.message} ${result.advice}`}</>;
  const { tone, headline, image } = result;
  const at = image.replicatedAt ?? image.firstSeen;
  return (
    <>
      <Badge tone={tone} label={headline} />
      {at === null ? null : (
        <span class="muted">
          , {image.replicatedAt === null ? 'first seen' : 'since'} <TimeAgo at={at} />
        </span>
      )}{' '}
      <span class="digest muted" title={image.digest}>
        {image.digest.slice(0, 19)}
      </span>
    </>
  );
}
