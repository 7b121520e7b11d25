import { Fragment } from 'preact';
import { useRef, useState } from 'preact/hooks';

interface CopyableProps {
  /** The purpose of the text, in a few words. */
  readonly label: string;
  readonly text: string;
}

/** A command or a sample with a button that copies it. */
export function Copyable({ label, text }: CopyableProps) {
  const code = useRef<HTMLPreElement>(null);
  const [buttonLabel, setButtonLabel] = useState('Copy');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setButtonLabel('Copied');
    } catch {
      // Only pages on https or loopback may write to the clipboard.
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
      setButtonLabel('Selected');
    }
  }
  return (
    <div class="copyable">
      <p class="copyable-label">{label}</p>
      <pre ref={code}>
        <code>{text.includes('\n') ? text : <Command text={text} />}</code>
      </pre>
      <button
        type="button"
        aria-label={`${buttonLabel}: ${label}`}
        onClick={() => void copy()}
        onBlur={() => setButtonLabel('Copy')}
      >
        {buttonLabel}
      </button>
    </div>
  );
}

/** A command that wraps between its arguments only, and never after one of the hyphens in them. */
const Command = ({ text }: { readonly text: string }) => (
  <>
    {text.split(' ').map((argument, index) => (
      <Fragment key={`${index} ${argument}`}>
        {index === 0 ? '' : ' '}
        <span class="word">{argument}</span>
      </Fragment>
    ))}
  </>
);
