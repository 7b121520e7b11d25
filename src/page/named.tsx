import { useContext } from 'preact/hooks';
import { shortName } from './azure-names.ts';
import { piecesOf } from './said.ts';
import { Now } from './time.tsx';

interface NamedProps {
  readonly id: string;
}

/** A long id of Azure: its name, where it is, and all of it for whoever points at it. */
export function Named({ id }: NamedProps) {
  const { name, place } = shortName(id);
  return (
    <span class="named" title={id}>
      {name}
      {place === '' ? null : <span class="quiet"> in {place}</span>}
    </span>
  );
}

/** A sentence of the app, with short names for long ids and times of day for times. */
export function Said({ text }: { readonly text: string }) {
  const now = useContext(Now);
  return (
    <>
      {piecesOf(text, now).map((piece, index) => {
        const key = `${index} ${piece.kind}`;
        if (piece.kind === 'text') return piece.text;
        return piece.kind === 'id' ? (
          <Named key={key} id={piece.whole} />
        ) : (
          <time key={key} dateTime={piece.whole} title={piece.whole}>
            {piece.text}
          </time>
        );
      })}
    </>
  );
}
