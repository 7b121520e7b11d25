import { Copyable } from './copyable.tsx';
import type { NextStep } from './next-step.ts';

/** Where the documentation of this version is; the build knows. */
declare const DOCS_URL: string;

/** A command to copy, or a link that opens beside this page, which could not be opened again without its key. */
export function NextStepView({ step }: { readonly step: NextStep }) {
  if (step.kind === 'command') {
    return <Copyable label={step.label} text={step.text} warning={step.warning} />;
  }
  const [address, where] =
    step.kind === 'portal' ? [step.address, 'Azure portal'] : [DOCS_URL + step.page, 'runbook'];
  return (
    <p class="next-step">
      <a href={address} target="_blank" rel="noreferrer">
        {step.label}
      </a>
      <span class="muted"> in the {where}</span>
    </p>
  );
}
