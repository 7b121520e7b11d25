import { at } from '../fixtures.ts';
import type { Delivery, History } from './history.ts';
import type { PullQuestion } from './pulls.ts';

/** A readable history: what happened to the registry, then what reached evenkeel, by seconds. */
export const describeHistory = ({
  actions,
  arrivals,
  deliveries,
  reviews,
  delays,
  isLossy,
  replicas,
  pulls,
  conditions,
}: History): string =>
  [
    ...actions.map(({ kind, digest, tag, seconds }, index) => {
      const reached = arrivals.filter(({ action }) => action === index);
      const places = reached.map((arrival) => `${arrival.region} ${arrival.seconds}`).join(', ');
      return `${seconds} ${kind} ${short(digest)} ${tag ?? 'by digest'}: ${places}`;
    }),
    `reported${isLossy ? ', with losses' : ''}:`,
    ...deliveries.toSorted((a, b) => a.seconds - b.seconds).map(describeDelivery),
    ...reviews.map(
      ({ seconds, process, crashAt }) => `${seconds} review by process ${process}${crash(crashAt)}`,
    ),
    ...(pulls?.questions ?? []).map(describeQuestion),
    ...(pulls === undefined
      ? []
      : [`absences: ${JSON.stringify(pulls.absences)}`, `refusals: ${JSON.stringify(pulls.refusals)}`]),
    `replicas: ${JSON.stringify(replicas)}`,
    ...(conditions === undefined ? [] : [`conditions: ${JSON.stringify(conditions)}`]),
    `delays: ${delays.join(' ')}`,
  ].join('\n');

const describeQuestion = ({
  seconds,
  process,
  reference,
  closure,
  isHurried,
  crashAt,
}: PullQuestion): string =>
  `${seconds} question to process ${process} about ${short(reference)}${closure ? ', with platforms' : ''}${isHurried ? ', without time' : ''}${crash(crashAt)}`;

function describeDelivery({ notification, seconds, process, crashAt, isSentAgain }: Delivery): string {
  const { kind, image } = notification;
  const what =
    kind === 'delete'
      ? ` in ${notification.region ?? 'no region'}`
      : ` ${notification.tag ?? 'by digest'} in ${notification.region ?? 'no region'} by ${notification.evidence}`;
  const time = (notification.at.getTime() - at(0)) / 1000;
  const fate = `${crash(crashAt)}${isSentAgain ? '' : ', sent once'}`;
  return `${seconds} ${kind} ${short(image.digest)}${what}, at ${time}, to process ${process}${fate}`;
}

const crash = (crashAt: number | undefined): string =>
  crashAt === undefined ? '' : `, crash at call ${crashAt}`;

const short = (reference: string): string => reference.replace('sha256:', '').slice(0, 4);
