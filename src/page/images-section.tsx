import { useId, useState } from 'preact/hooks';
import type { Image, ImageRegion, StatusDocument } from '../status/schema.ts';
import { useShowMore } from './disclosure.tsx';
import { formatDuration } from './format.ts';
import { Badge, Icon, type Tone } from './icons.tsx';
import { TimeAgo } from './inline-text.tsx';
import { evidenceLabel, pluralize } from './labels.ts';
import { Section, Stat, unreadable } from './section.tsx';
import { Row, Table } from './table.tsx';

const shortImages = 10;
const columns = ['Image', 'State', 'Regions', 'Age'];

export function ImagesSection({ status }: { readonly status: StatusDocument }) {
  const { open } = status.images;
  const total = Math.max(status.images.total ?? 0, open.length);
  const sorted = open.toSorted((a, b) => rank(a) - rank(b));
  const { shown, toggle } = useShowMore(sorted, shortImages, 'images');
  if (status.registries.length === 0) return null;
  const stalled = open.filter(({ state }) => state === 'stalled').length;
  const diverged = open.filter((image) => image.diverged).length;
  return (
    <Section id="images" title="Images on their way" state={stateOf(status, stalled)}>
      {open.length === 0 ? (
        <p>{status.unknown.includes('images') ? 'Nobody knows now.' : 'Every image is everywhere.'}</p>
      ) : (
        <>
          <dl class="facts">
            <Stat name="On their way">{total.toLocaleString('en')}</Stat>
            <Stat name="Stalled" mark={stalled > 0 ? 'wrong' : undefined}>
              {stalled.toLocaleString('en')}
            </Stat>
            <Stat name="Diverged" mark={diverged > 0 ? 'wrong' : undefined}>
              {diverged.toLocaleString('en')}
            </Stat>
          </dl>
          <Table caption="Images that are not everywhere yet, the stalled ones first" names={columns}>
            {shown.map((image) => (
              <ImageRows
                key={JSON.stringify([image.registry, image.repository, image.digest, image.tag])}
                image={image}
              />
            ))}
          </Table>
          {toggle}
          {total > open.length ? (
            <p class="quiet">
              {pluralize(open.length, 'image')} of {total} are listed.
            </p>
          ) : null}
        </>
      )}
    </Section>
  );
}

const rank = ({ state, diverged }: Image): number => (diverged ? 0 : state === 'stalled' ? 1 : 2);

function stateOf({ unknown, images }: StatusDocument, stalled: number) {
  if (unknown.includes('images')) return unreadable;
  if (stalled > 0) return { kind: 'wrong', words: 'not even' } as const;
  return images.open.length > 0
    ? ({ kind: 'moving', words: 'on their way' } as const)
    : ({ kind: 'ok', words: 'even' } as const);
}

function lookOf({ state, diverged }: Image): { readonly kind: Tone; readonly words: string } {
  if (diverged) return { kind: 'wrong', words: 'diverged' };
  return state === 'stalled' ? { kind: 'wrong', words: 'stalled' } : { kind: 'moving', words: 'on its way' };
}

function ImageRows({ image }: { readonly image: Image }) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const { registry, repository, tag, digest, regions, ageMs, objectiveMs } = image;
  const there = regions.filter(({ state }) => state === 'available').length;
  return (
    <>
      <Row
        names={columns}
        cells={[
          <div key="image">
            <button
              type="button"
              class="opener"
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setIsOpen(!isOpen)}
            >
              <span>
                <span class="quiet">{registry}/</span>
                {repository}
                {tag === null ? null : `:${tag}`}
              </span>
            </button>
            <span class="digest quiet" title={digest}>
              {digest.slice(0, 19)}
            </span>
          </div>,
          <Badge key="state" {...lookOf(image)} />,
          <div key="regions">
            {there} of {regions.length}
            <Steps regions={regions} />
          </div>,
          <div key="age">
            {formatDuration(ageMs)} <span class="quiet">of {formatDuration(objectiveMs)}</span>
            <Bar share={ageMs / objectiveMs} />
          </div>,
        ]}
      />
      <tr id={id} class="detail" hidden={!isOpen}>
        <td colSpan={columns.length}>{isOpen ? <Regions regions={regions} /> : null}</td>
      </tr>
    </>
  );
}

/** One piece a region, filled when the image is there; the words beside it say how many. */
const Steps = ({ regions }: { readonly regions: readonly ImageRegion[] }) => (
  <span class="steps" aria-hidden="true">
    {regions.map(({ region, state }) => (
      <span key={region} class={`step is-${state === 'available' ? 'there' : 'missing'}`} />
    ))}
  </span>
);

/** How much of the objective is used up; the words beside it say it in time. */
const Bar = ({ share }: { readonly share: number }) => (
  <svg
    class={`bar-of-time ${share >= 1 ? 'is-over' : ''}`}
    viewBox="0 0 100 6"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="track" width="100" height="6" />
    <rect class="used" width={Math.min(100, Math.max(2, share * 100))} height="6" />
  </svg>
);

const Regions = ({ regions }: { readonly regions: readonly ImageRegion[] }) => (
  <ul class="regions">
    {regions.map(({ region, state, at, evidence, reason }) => (
      <li key={region}>
        <Icon kind={state === 'available' ? 'ok' : state === 'waiting' ? 'moving' : 'unseen'} />
        <span>
          {region}: {state}
          <span class="quiet">
            {at === undefined ? null : (
              <>
                {' '}
                <TimeAgo at={at} />
              </>
            )}
            {evidence === undefined ? '' : `, ${evidenceLabel(evidence)}`}
            {reason === undefined ? '' : `, ${reason}`}
          </span>
        </span>
      </li>
    ))}
  </ul>
);
