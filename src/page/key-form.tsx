import { useState } from 'preact/hooks';
import { Copyable } from './copyable.tsx';

interface KeyFormProps {
  readonly onKey: (key: string) => void;
}

/** Asks for another function key. It is kept in memory only, as the first one was. */
export function KeyForm({ onKey }: KeyFormProps) {
  const [key, setKey] = useState('');
  return (
    <>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') onKey(key.trim());
        }}
      >
        <label for="key">Function key of the app</label>
        <div class="ask-line">
          <input
            id="key"
            type="password"
            autocomplete="off"
            spellcheck={false}
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
          <button type="submit">Use this key</button>
        </div>
      </form>
      <Copyable
        label="To list its keys"
        text={`az functionapp keys list --resource-group RG --name ${appName(location.hostname)} --query functionKeys`}
      />
    </>
  );
}

/** The name of the app is the first label of its address, unless somebody gave it a name of its own. */
const appName = (host: string): string =>
  /^([\w-]+)\.(?:azurewebsites\.(?:net|us)|chinacloudsites\.cn)$/.exec(host)?.[1] ?? 'APP';
