import { describe, expect, it } from 'vitest';
import { azureYamlFindings } from '../../scripts/check-infra/azure-yaml.ts';
import { textOf } from '../../scripts/check-infra/files.ts';
import { queryFindings } from '../../scripts/check-infra/kusto.ts';
import { allQueries } from '../../scripts/check-infra/queries.ts';
import { tables } from '../../scripts/check-infra/tables.ts';
import { historyQuery, parseSubject } from '../../src/cli/commands/history/query.ts';

describe('the check of queries', () => {
  const findings = (text: string) => queryFindings([{ place: 'here', text }], tables());

  it.each([
    [
      'a keyword as a name',
      'AppTraces | summarize last = max(TimeGenerated)',
      /^here, line 1: KS\d+ .*'last'/,
    ],
    [
      'a keyword as a name to sort by',
      'AppTraces\n| order by latest desc',
      /^here, line 2: KS\d+ .*'latest'/,
    ],
    ['a column that the table does not have', 'AppTraces | where message == "x"', /'message'/],
    ['a table that is not there', 'traces | take 1', /'traces'/],
    ['a column that the template does not give', 'EvenkeelDrift_CL | project LagSeconds', /'LagSeconds'/],
  ])('finds %s', (_, text, expected) => {
    expect(findings(text)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('finds nothing in what is right', () => {
    expect(findings('EvenkeelDrift_CL | summarize max(LagMs) by Finding')).toEqual([]);
  });

  it('has every query before it: those of alerts, of the workbook and of pages', () => {
    const places = allQueries().map(({ place }) => place);
    for (const begin of ['infra/queries/', 'infra/workbook.json', 'docs/'])
      expect(places.filter((place) => place.startsWith(begin)).length, begin).toBeGreaterThan(0);
    expect(queryFindings(allQueries(), tables())).toEqual([]);
  });

  it.each([
    ['web.spoke-a.internal.contoso.com', true],
    ['rg-spoke-a/web', false],
  ])('finds nothing wrong with what evenkeel history asks of %s', (record, changes) => {
    const query = historyQuery(parseSubject(record), { table: 'EvenkeelDrift_CL', limit: 50, changes });
    expect(findings(query)).toEqual([]);
  });
});

describe('the check of azure.yaml', () => {
  it.each([
    ['a hook that azd does not know', 'name: a\nhooks:\n  beforeprovision: { run: x }\n', /beforeprovision/],
    [
      'a service without a host',
      'name: a\nservices:\n  app: { project: . }\n',
      /azure\.yaml\/services\/app: .*host/,
    ],
  ])('finds %s', (_, text, expected) => {
    expect(azureYamlFindings(text)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('finds nothing in ours', () => {
    expect(azureYamlFindings(textOf('azure.yaml'))).toEqual([]);
  });
});
