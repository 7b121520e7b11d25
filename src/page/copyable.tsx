import { Fragment } from 'preact';
import { useRef, useState } from 'preact/hooks';

interface CopyableProps {
  /** What it does, in a few words. */
  readonly label: string;
  readonly text: string;
}

/** Something to type elsewhere, with a button that copies it. */
export function Copyable({ label, text }: CopyableProps) {
  const code = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState('Copy');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      // Only pages on https or loopback may write to the clipboard.
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
      setSaid('Selected');
    }
  }
  return (
    <div class="copyable">
      <p class="copyable-label">{label}</p>
      <pre ref={code}>
        <code>{text.includes('\n') ? text : <Words text={text} />}</code>
      </pre>
      <button
        type="button"
        aria-label={`${said}: ${label}`}
        onClick={() => void copy()}
        onBlur={() => setSaid('Copy')}
      >
        {said}
      </button>
    </div>
  );
}

/** A command that breaks between its words only, and never after one of the hyphens in them. */
const Words = ({ text }: { readonly text: string }) => (
  <>
    {text.split(' ').map((word, index) => (
      <Fragment key={`${index} ${word}`}>
        {index === 0 ? '' : ' '}
        <span class="word">{word}</span>
      </Fragment>
    ))}
  </>
);
