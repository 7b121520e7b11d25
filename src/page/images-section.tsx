import type { ComponentProps } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Image, ImageRegion, StatusDocument } from '../status/schema.ts';
import { shownName } from '../status/shown-name.ts';
import { CopyTimesTable } from './copy-times-table.tsx';
import { Copyable } from './copyable.tsx';
import { Disclosure, useShowMore } from './disclosure.tsx';
import { isLate } from './filter.ts';
import { formatDuration, formatNumber, pluralize } from './format.ts';
import { Badge, type BadgeProps } from './icons.tsx';
import { Regions } from './image-regions.tsx';
import { Name } from './inline-text.tsx';
import type { Part } from './part.ts';
import { Section, Stat, Stats, unreadable } from './section.tsx';
import { Row, Table } from './table.tsx';
import { TimeBar } from './time-bar.tsx';

const initialImages = 10;
const columns = ['Image', 'State', 'Regions', 'Age'];

export const imagesPart: Part = {
  id: 'images',
  link: 'Images',
  state: (status) => (status.registries.length === 0 ? undefined : sectionState(status)),
  View: ImagesSection,
};

function ImagesSection({ status, shown: { images, copyTimes } }: ComponentProps<Part['View']>) {
  const { open } = status.images;
  const total = Math.max(status.images.total ?? 0, open.length);
  const sorted = images.open.toSorted((a, b) => rank(a) - rank(b));
  const { shown, toggle } = useShowMore(sorted, initialImages, 'images');
  const stalled = open.filter(({ state }) => state === 'stalled').length;
  const diverged = open.filter((image) => image.diverged).length;
  return (
    <Section
      id="images"
      title="Image replication"
      state={sectionState(status)}
      summary={open.length === 0 ? noneOpen(status) : undefined}
      rows={images.open.length + copyTimes.length}
    >
      {open.length === 0 ? null : (
        <Stats>
          <Stat name="In progress">{formatNumber(total)}</Stat>
          <Stat name="Stalled" tone={stalled > 0 ? 'error' : undefined}>
            {formatNumber(stalled)}
          </Stat>
          <Stat name="Diverged" tone={diverged > 0 ? 'error' : undefined}>
            {formatNumber(diverged)}
          </Stat>
        </Stats>
      )}
      {shown.length === 0 ? null : (
        <Table caption="Images that are not in every region yet, stalled ones first" columns={columns}>
          {shown.map((image) => (
            <ImageRows
              key={JSON.stringify([image.loginServer, image.repository, image.digest, image.tag])}
              image={{ ...image, registry: shownName(image, status.registries) }}
            />
          ))}
        </Table>
      )}
      {toggle}
      {total > open.length ? (
        <p class="muted">
          {formatNumber(open.length)} of {formatNumber(total)} images are listed.
        </p>
      ) : null}
      {copyTimes.length === 0 ? null : (
        <Disclosure
          summary={`How long copies to ${pluralize(copyTimes.length, 'region')} took`}
          startsOpen={open.length === 0 || copyTimes.some(isLate)}
        >
          {() => <CopyTimesTable copyTimes={copyTimes} registries={status.registries} />}
        </Disclosure>
      )}
    </Section>
  );
}

const noneOpen = ({ unknown }: StatusDocument): string =>
  unknown.includes('images')
    ? 'The list of replicating images cannot be read now.'
    : 'Every image is in every region.';

const rank = ({ state, diverged }: Image): number => (diverged ? 0 : state === 'stalled' ? 1 : 2);

function sectionState({ unknown, images }: StatusDocument): BadgeProps {
  if (unknown.includes('images')) return unreadable;
  const stalled = images.open.filter(({ state }) => state === 'stalled').length;
  if (stalled > 0) return { tone: 'error', label: `${formatNumber(stalled)} stalled` };
  return images.open.length > 0
    ? { tone: 'progress', label: 'in progress' }
    : { tone: 'ok', label: 'all replicated' };
}

function imageState({ state, diverged }: Image): BadgeProps {
  if (diverged) return { tone: 'error', label: 'diverged' };
  return state === 'stalled'
    ? { tone: 'error', label: 'stalled' }
    : { tone: 'progress', label: 'in progress' };
}

function ImageRows({ image }: { readonly image: Image }) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  const { registry, repository, tag, digest, regions, ageMs, objectiveMs, repairs } = image;
  const available = regions.filter(({ state }) => state === 'available').length;
  return (
    <>
      <Row
        columns={columns}
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
                <span class="muted">
                  <Name>{registry}</Name>/
                </span>
                <Name>{repository}</Name>
                {tag === null ? null : (
                  <>
                    :<Name>{tag}</Name>
                  </>
                )}
              </span>
            </button>
            <span class="digest muted" title={digest}>
              {digest.slice(0, 19)}
            </span>
          </div>,
          <Badge key="state" {...imageState(image)} />,
          <div key="regions">
            {available} of {regions.length}
            <RegionSteps regions={regions} />
          </div>,
          objectiveMs === 0 ? null : (
            <div key="age">
              {formatDuration(ageMs)} <span class="muted">of {formatDuration(objectiveMs)}</span>
              <TimeBar share={ageMs / objectiveMs} />
            </div>
          ),
        ]}
      />
      <tr id={id} class="detail" hidden={!isOpen}>
        <td colSpan={columns.length}>
          {isOpen ? (
            <>
              <Regions regions={regions} />
              {repairs.map(({ region, from, commands }) => (
                <Copyable
                  key={region}
                  label={
                    from === null
                      ? `To push it again to ${region}, where it was built`
                      : `To copy it from ${from} to ${region}`
                  }
                  text={commands.join('\n')}
                />
              ))}
              <OtherRepairs image={image} />
            </>
          ) : null}
        </td>
      </tr>
    </>
  );
}

/** The app sends the first repairs only; the others differ in the region. */
function OtherRepairs({ image: { regions, repairs } }: { readonly image: Image }) {
  const others = regions.flatMap(({ region, state }) =>
    state === 'available' || repairs.some((repair) => repair.region === region) ? [] : region,
  );
  if (repairs.length === 0 || others.length === 0) return null;
  return <p class="muted">Likewise for {others.join(', ')}.</p>;
}

/** One step for each region, filled once the image is there. The text beside it says how many. */
const RegionSteps = ({ regions }: { readonly regions: readonly ImageRegion[] }) => (
  <span class="steps" aria-hidden="true">
    {regions.map(({ region, state }) => (
      <span key={region} class={`step is-${state === 'available' ? 'done' : 'missing'}`} />
    ))}
  </span>
);
