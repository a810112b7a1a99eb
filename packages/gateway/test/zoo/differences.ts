import { itemsOf, membersOf } from './raw-json.ts';
import type { Told } from './raw-peer.ts';
import type { Step, Transcript } from './transcript.ts';

/** One place at which the way through the gateway shows something else than the direct way. */
export interface Difference {
  readonly label: string;
  readonly method: string;
  /** From the answer on: `/result/content/0/text`; `#written` at its end where only the spelling differs. */
  readonly path: string;
  /** JSON as it was written; absent where there is nothing. */
  readonly direct?: string;
  readonly through?: string;
}

export interface Comparison {
  /** Requests whose answers were compared. */
  readonly steps: number;
  readonly calls: number;
  readonly differences: readonly Difference[];
  /** Places at which two direct ways differ already: clocks, random numbers. Nothing is said of them. */
  readonly unsteady: readonly string[];
}

/**
 * Compares a way through the gateway with the direct one.
 *
 * @param again - The direct way once more: what differs between the two is the server's own doing.
 */
export function compareTranscripts(direct: Transcript, again: Transcript, through: Transcript): Comparison {
  const own = differencesOf(direct, again);
  const found = differencesOf(direct, through);
  const differences = found.filter(
    ({ label, path }) => !own.some((one) => one.label === label && meet(one.path, path)),
  );
  return {
    steps: direct.steps.length,
    calls: direct.steps.filter(({ method }) => method === 'tools/call').length,
    differences,
    unsteady: own.map(({ label, path }) => `${label} ${path}`),
  };
}

/** Whether one of two paths leads through the other. */
function meet(one: string, other: string): boolean {
  const [a, b] = [one.replace('#written', ''), other.replace('#written', '')];
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

function differencesOf(one: Transcript, other: Transcript): Difference[] {
  const others = numbered(other.steps);
  const leftOut = toolsLeftOut(one, other);
  const steps = [...numbered(one.steps)].flatMap(([label, step]) => {
    const also = others.get(label);
    const tool = leftOut.get(/^tools\/call (\S+)/.exec(label)?.[1] ?? '');
    // One that is not listed cannot be called either: that is the same difference once more.
    return also && tool === undefined ? stepDifferences(label, step, also, leftOut) : [];
  });
  return [
    ...[...leftOut.values()].map((direct) => ({ label: 'tools/list', method: 'tools/list', path: LEFT_OUT, direct })),
    ...steps,
    ...whatWasTold(one, other),
    ...toldDifferences('asked', one.asked, other.asked),
  ];
}

/** Where a whole tool is missing. */
const LEFT_OUT = '/result/tools/left out';

/** The tools that one way lists and the other does not, as they are written, by name. */
function toolsLeftOut(one: Transcript, other: Transcript): ReadonlyMap<string, string> {
  const others = toolsOf(other);
  return new Map([...toolsOf(one)].filter(([name]) => others.size > 0 && !others.has(name)));
}

function toolsOf({ steps }: Transcript): ReadonlyMap<string, string> {
  const list = steps.find(({ label, answer }) => label === 'tools/list' && answer.kind === 'result')?.answer.text;
  const items = itemsOf(membersOf(list ?? '{}')?.get('tools') ?? '[]') ?? [];
  return new Map(items.map((item) => [String(JSON.parse(item).name), item]));
}

/** The answer without these tools, where it is their list. */
function withoutTools({ label, answer }: Step, leftOut: ReadonlyMap<string, string>): Step['answer'] {
  if (label !== 'tools/list' || leftOut.size === 0) return answer;
  const gone = new Set(leftOut.values());
  const members = [...(membersOf(answer.text) ?? [])].map(([name, value]) => {
    const kept = name === 'tools' ? `[${itemsOf(value)?.filter((item) => !gone.has(item))}]` : value;
    return `${JSON.stringify(name)}:${kept}`;
  });
  return { ...answer, text: `{${members}}` };
}

/** The same request may be made twice. */
function numbered(steps: readonly Step[]): Map<string, Step> {
  const found = new Map<string, Step>();
  for (const step of steps) {
    let label = step.label;
    for (let number = 2; found.has(label); number++) label = `${step.label} ${number}`;
    found.set(label, step);
  }
  return found;
}

function stepDifferences(label: string, one: Step, other: Step, leftOut: ReadonlyMap<string, string>): Difference[] {
  const { method } = one;
  const [a, b] = [withoutTools(one, leftOut), other.answer];
  const at = (path: string, direct?: string, through?: string): Difference => ({
    label,
    method,
    path,
    ...(direct !== undefined && { direct }),
    ...(through !== undefined && { through }),
  });
  if (a.kind !== b.kind) return [at('/', `${a.kind} ${a.text}`, `${b.kind} ${b.text}`)];
  if (a.kind === 'none') return [];
  const progress = textDifferences('/progress', `[${a.progress.join(',')}]`, `[${b.progress.join(',')}]`);
  return [...textDifferences(`/${a.kind}`, a.text, b.text), ...progress].map((found) => at(...found));
}

type Found = [path: string, direct: string | undefined, through: string | undefined];

/** @param path - Where both texts stand. */
function textDifferences(path: string, one: string, other: string): Found[] {
  if (one === other) return [];
  const [members, otherMembers] = [membersOf(one), membersOf(other)];
  if (members && otherMembers) {
    const keys = new Set([...members.keys(), ...otherMembers.keys()]);
    return orWritten(
      path,
      one,
      other,
      [...keys].flatMap((key) => {
        const [a, b] = [members.get(key), otherMembers.get(key)];
        const inner = `${path}/${key.replaceAll('/', '~1')}`;
        return a === undefined || b === undefined ? [[inner, a, b] as Found] : textDifferences(inner, a, b);
      }),
    );
  }
  const [items, otherItems] = [itemsOf(one), itemsOf(other)];
  if (items && otherItems && items.length === otherItems.length) {
    const found = items.flatMap((item, index) => textDifferences(`${path}/${index}`, item, otherItems[index] ?? ''));
    return orWritten(path, one, other, found);
  }
  return [[isSame(one, other) ? `${path}#written` : path, one, other]];
}

/** Where all members are the same, their order or the space between them is what differs. */
function orWritten(path: string, one: string, other: string, found: Found[]): Found[] {
  return found.length > 0 ? found : [[`${path}#written`, one, other]];
}

function isSame(one: string, other: string): boolean {
  return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
}

/** When something is said depends on who is quicker; only what is never said later belongs to the start. */
function whatWasTold(one: Transcript, other: Transcript): Difference[] {
  const all = ({ toldAtStart, told }: Transcript): readonly Told[] => [...toldAtStart, ...told];
  const later = new Set([...one.told, ...other.told].map(keyOf));
  const early = new Set([...one.toldAtStart, ...other.toldAtStart].map(keyOf).filter((key) => !later.has(key)));
  return toldDifferences('told', all(one), all(other)).map((found) => {
    const isEarly = [...early].some(
      (key) => found.direct?.endsWith(` × ${key}`) || found.through?.endsWith(` × ${key}`),
    );
    return isEarly ? { ...found, label: 'told at start' } : found;
  });
}

const keyOf = ({ method, params }: Told): string => `${method} ${params}`;

function toldDifferences(
  kind: 'told at start' | 'told' | 'asked',
  one: readonly Told[],
  other: readonly Told[],
): Difference[] {
  const counts = (all: readonly Told[]): Map<string, number> => {
    const found = new Map<string, number>();
    for (const key of all.map(keyOf)) {
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    return found;
  };
  const [a, b] = [counts(one), counts(other)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((key) => a.get(key) !== b.get(key))
    .map((key) => {
      const method = key.split(' ')[0] ?? '';
      const [was, is] = [a.get(key), b.get(key)];
      return {
        label: kind,
        method,
        path: `/${method.replaceAll('/', '~1')}`,
        ...(was && { direct: `${was} × ${key}` }),
        ...(is && { through: `${is} × ${key}` }),
      };
    });
}
