import { parseArgs } from 'node:util';
import { SUITES } from '../suites/suite-table.ts';
import { UsageError } from './usage-error.ts';

/** What the command line asks for. */
export interface Arguments {
  /** The subject's module as it was written. */
  readonly file: string | undefined;
  /** Names of suites; undefined where nobody chose. */
  readonly suites: readonly string[] | undefined;
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
  /** How long one test may take, in ms. */
  readonly timeoutMs: number;
}

const MODULE_SUITES = 'module';
const LONGEST_TIMER_S = 2_147_483;

/** @throws UsageError */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  const [file, ...more] = positionals;
  if (more.length > 0)
    throw new UsageError(`one module at a time, got "${file}" and "${more.join('", "')}": put all subjects into one`);
  if (file === undefined && !values.list && !values.help)
    throw new UsageError('which module? See --help for its shape');
  const seconds = Number(values.timeout);
  if (!(seconds > 0 && seconds <= LONGEST_TIMER_S))
    throw new UsageError(`--timeout takes seconds, above 0 and at most ${LONGEST_TIMER_S}, got "${values.timeout}"`);
  const { json, list, help } = values;
  return { file, suites: values.suite && chosen(values.suite), json, list, help, timeoutMs: seconds * 1_000 };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        suite: { type: 'string', multiple: true },
        timeout: { type: 'string', default: '60' },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function chosen(given: readonly string[]): readonly string[] {
  const names = given.flatMap((text) => text.split(',')).map((name) => name.trim());
  const known = SUITES.map(({ name }) => name);
  const unknown = names.filter((name) => name !== MODULE_SUITES && !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(
      `--suite knows no "${unknown.join('", "')}"; it knows ${known.join(', ')}, and ${MODULE_SUITES} for all that begin so`,
    );
  return known.filter(
    (name) => names.includes(name) || (names.includes(MODULE_SUITES) && name.startsWith(MODULE_SUITES)),
  );
}
