import type { ConfigError, ConfigProblem } from '../config/config-error.ts';
import { configNotes } from '../config/notes.ts';
import { formatPlace } from '../config/place.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { type Finding, type FindingPlace, Findings } from './finding.ts';

/** What is wrong with a configuration that cannot be used as a whole. */
export function configFailures({ facts: { source, problems } }: ConfigError): readonly Finding[] {
  return problems.flatMap((problem) => {
    const key = formatPlace(problem.place);
    return new Findings('configuration', key || (problem.source ?? source)).failure(
      halves(problem),
      placeOf(problem, source),
    ).all;
  });
}

/** What of a configuration works, yet probably not as meant. `isWhole`: no entry of it was left out. */
export function configRemarks(
  config: GatewayConfig,
  { warnings, isWhole }: { readonly warnings: readonly string[]; readonly isWhole: boolean },
): readonly Finding[] {
  const found = new Findings('configuration', 'configuration');
  for (const note of [...warnings, ...configNotes(config, isWhole)]) {
    const [problem, remedy = 'change it if that is not meant'] = halvesOf(note);
    found.note({ problem, remedy });
  }
  return found.all;
}

/** Problems of the configuration are told as "what is wrong; what to do". */
function halves(problem: ConfigProblem): Diagnosis {
  const [what, remedy] = halvesOf(problem.message);
  return { problem: what, remedy: remedy ?? defaultRemedy(problem) };
}

function halvesOf(sentence: string): readonly [string, string | undefined] {
  const at = sentence.indexOf('; ');
  return at === -1 ? [sentence, undefined] : [sentence.slice(0, at), sentence.slice(at + 2)];
}

function defaultRemedy({ message, line, source, place }: ConfigProblem): string {
  if (/^cannot read|^there is no such file/.test(message)) return 'check the path and its permissions';
  if (source !== undefined) return `correct ${source}`;
  const where = line === undefined ? 'correct it' : `correct line ${line}`;
  return place.length === 0 ? where : `${where}; "lockgate config schema" prints what may stand there`;
}

function placeOf({ place, source, line, column }: ConfigProblem, file: string): FindingPlace {
  const key = formatPlace(place);
  return {
    source: source ?? file,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(key !== '' && { key }),
  };
}
