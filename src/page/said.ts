import { type ShortName, shortName } from './azure-names.ts';
import { clockTime } from './spans.ts';

/** A piece of a sentence: as it is, or what stands for something long. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'id'; readonly whole: string } & ShortName)
  | { readonly kind: 'time'; readonly whole: string; readonly text: string };

const long = /(?<id>\/subscriptions\/[^\s,;]+)|(?<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/gi;

/** Takes a sentence of the app apart, so that ids of Azure and times can be read at three in the morning. */
export function piecesOf(sentence: string, now: Date): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  const addText = (text: string) => {
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  for (const found of sentence.matchAll(long)) {
    const [whole] = found;
    addText(sentence.slice(end, found.index));
    pieces.push(
      found.groups?.['id'] === undefined
        ? { kind: 'time', whole, text: clockTime(whole, now) }
        : { kind: 'id', whole, ...shortName(whole) },
    );
    end = found.index + whole.length;
  }
  addText(sentence.slice(end));
  return pieces;
}
