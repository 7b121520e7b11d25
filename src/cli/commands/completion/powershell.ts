import { type CompletedCommand, isNames, type Values } from './completed-command.ts';

/** https://learn.microsoft.com/powershell/module/microsoft.powershell.core/register-argumentcompleter */
export function powershellScript(commands: readonly CompletedCommand[]): string {
  const entries = commands.map(({ name, summary, options, arguments: all }) => {
    const flags = options.map(({ name: flag, description }) => `${quoted(flag)} = ${quoted(description)}`);
    const values = options.flatMap(({ name: flag, value }) =>
      value === 'flag' ? [] : [`${quoted(flag)} = ${list(value)}`],
    );
    return `    ${quoted(name)} = @{
      Summary = ${quoted(summary)}
      Options = [ordered]@{ ${flags.join('; ')} }
      Values = @{ ${values.join('; ')} }
      Arguments = @(${all.map((one) => `, ${list(one)}`).join(' + ')})
    }`;
  });
  return `Register-ArgumentCompleter -Native -CommandName evenkeel -ScriptBlock {
  param($word, $ast, $position)
  $commands = [ordered]@{
${entries.join('\n')}
  }
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
  $offer = {
    param($text, $tip)
    if ($text -like "$word*") {
      [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $(if ($tip) { $tip } else { $text }))
    }
  }
  if ($before.Count -le 1) {
    foreach ($name in $commands.Keys) { & $offer $name $commands[$name].Summary }
    return
  }
  $command = $commands[$before[1]]
  if ($null -eq $command) { return }
  $values = $null
  if ($before.Count -gt 2 -and $command.Values.ContainsKey($before[-1])) {
    $values = $command.Values[$before[-1]]
  } elseif ($word -notlike '-*') {
    $count = 0
    for ($at = 2; $at -lt $before.Count; $at++) {
      if ($command.Values.ContainsKey($before[$at])) { $at++ } elseif ($before[$at] -notlike '-*') { $count++ }
    }
    if ($count -lt $command.Arguments.Count) { $values = $command.Arguments[$count] }
  }
  if ($null -ne $values) {
    foreach ($value in $values) {
      if ($value -like ':*') { evenkeel names $value.Substring(1) "$word" 2>$null | ForEach-Object { & $offer $_ } }
      else { & $offer $value }
    }
    if ($values.Count -gt 0) { return }
    if ($command.Values.ContainsKey($before[-1])) { return }
  }
  foreach ($flag in $command.Options.Keys) { & $offer $flag $command.Options[$flag] }
}
`;
}

/** A list of words; `:regions` stands for the known names of a kind. Where it is empty, PowerShell offers files. */
function list(values: Values): string {
  if (isNames(values)) return `@(':${values.names}')`;
  return values === 'file' || values === 'other' ? '@()' : `@(${values.map(quoted).join(', ')})`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
