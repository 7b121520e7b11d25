import { Fragment } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { RichText } from './inline-text.tsx';

interface CopyableProps {
  /** The purpose of the text, in a few words. */
  readonly label: string;
  readonly text: string;
  /** Why a command should not be run yet. */
  readonly warning?: string | undefined;
  /** Whether its spaces and lines matter. */
  readonly isSample?: boolean;
}

/** A command or a sample with a button that copies it. A warning stands above it, and in the name of the button. */
export function Copyable({ label, text, warning, isSample = false }: CopyableProps) {
  const code = useRef<HTMLPreElement>(null);
  const [buttonLabel, setButtonLabel] = useState('Copy');
  const purpose = warning === undefined ? label : `${label}, against the warning`;
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
    <div class={`copyable ${warning === undefined ? '' : 'has-warning'}`}>
      <p class="copyable-label">{label}</p>
      {warning === undefined ? null : (
        <p class="command-warning" role="note">
          <Icon tone="warning" /> <RichText text={warning} />
        </p>
      )}
      <pre ref={code}>
        <code>{isSample ? text : <Commands text={text} />}</code>
      </pre>
      <button
        type="button"
        aria-label={`${buttonLabel}: ${purpose}`}
        onClick={() => void copy()}
        onBlur={() => setButtonLabel('Copy')}
      >
        {buttonLabel}
      </button>
    </div>
  );
}

/** Commands that wrap between their arguments only, and never after one of the hyphens in them. */
const Commands = ({ text }: { readonly text: string }) => (
  <>
    {text.split('\n').map((line, lineIndex) => (
      <Fragment key={`${lineIndex} ${line}`}>
        {lineIndex === 0 ? '' : '\n'}
        {line.split(' ').map((argument, index) => (
          <Fragment key={`${index} ${argument}`}>
            {index === 0 ? '' : ' '}
            <span class="word">{argument}</span>
          </Fragment>
        ))}
      </Fragment>
    ))}
  </>
);
