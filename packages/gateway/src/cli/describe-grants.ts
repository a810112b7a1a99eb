import { COMMAND_CEILING_BYTES, type ModuleReport } from '@lockgate/abi';
import { DEFAULT_CALL_TIMEOUT_MS } from '../config/guest-grants.ts';
import type { FileUse } from '../modules/entries-of-file.ts';
import type { GuestWant } from '../modules/guest-wants.ts';
import { dialectOf } from '../modules/inspect-file.ts';

const WORDS: Readonly<Record<GuestWant, string>> = {
  hosts: 'HTTP ("hosts")',
  storage: 'files ("storage")',
  keyValue: 'keys and values ("storage": ["kv:memory"])',
  env: 'variables ("env")',
  args: 'arguments ("args")',
  settings: 'settings ("settings")',
  sockets: 'sockets (never given)',
};

/** What the libraries of Go, Rust and C ask for in every program. */
const OF_COURSE: ReadonlySet<GuestWant> = new Set(['env', 'args']);

/** Rows that say what a guest asks for, and what it is given of that by each entry that has its file. */
export function describeGrants(
  report: ModuleReport,
  wants: readonly GuestWant[],
  uses: readonly FileUse[],
): readonly string[][] {
  const ceilingBytes = dialectOf(report)?.memoryCeilingBytes ?? COMMAND_CEILING_BYTES;
  const given = uses.length === 0 ? [`${limits({}, ceilingBytes)}; no entry grants it more`] : uses.map(described);
  return [['wants', askedFor(wants)], ...given.map((text, index) => [index === 0 ? 'gets' : '', text])];

  function described(use: FileUse): string {
    const { entry, hosts = [], storage = [], env = [] } = use;
    const grants = Object.entries({ hosts, storage, env }).filter(([, granted]) => granted.length > 0);
    const words = grants.map(([key, granted]) => `${key} ${granted.join(', ')}`);
    return `as ${entry}: ${[...words, limits(use, ceilingBytes)].join('; ')}`;
  }
}

function askedFor(wants: readonly GuestWant[]): string {
  if (wants.length === 0) return 'nothing that has to be granted';
  const [ofCourse = [], own = []] = [true, false].map((isOfCourse) =>
    wants.filter((want) => OF_COURSE.has(want) === isOfCourse).map((want) => WORDS[want]),
  );
  const asides = ofCourse.length > 0 ? [`${ofCourse.join(', ')}, as compilers ask for, used or not`] : [];
  return [...(own.length > 0 ? [own.join(', ')] : []), ...asides].join('; ');
}

function limits(
  { memoryCeilingBytes, callTimeoutMs = DEFAULT_CALL_TIMEOUT_MS }: Omit<FileUse, 'entry'>,
  ceilingBytes: number,
): string {
  return `${mebibytes(memoryCeilingBytes ?? ceilingBytes)} of memory, ${callTimeoutMs / 1_000} s a call`;
}

/** Bytes for people. */
export function mebibytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(2).replace(/\.?0+$/, '')} MiB`;
}
