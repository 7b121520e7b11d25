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
        <code>{text}</code>
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
