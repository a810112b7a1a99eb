/** Metrics of a process that has ended, kept for those of all: a sum that fell would look like a new beginning to who reads it. */
interface Family {
  readonly help: string;
  readonly kind: string;
  /** By name and labels, as they are written. */
  readonly samples: Map<string, number>;
}

type Families = Map<string, Family>;

/** How gauges of several processes become one number, where they are not added. */
const RULES: readonly (readonly [names: RegExp, rule: 'least' | 'most'])[] = [
  // What can be called is what every process can call; the oldest start; the tightest limit.
  [/^(lockgate_upstream_up|process_start_time_seconds|process_max_fds|nodejs_eventloop_lag_min_seconds)$/, 'least'],
  // The same in all, or the worst of them.
  [/^(lockgate_info|nodejs_version_info|nodejs_eventloop_lag_.*)$/, 'most'],
];

/** Adds up what several processes count. */
export class MetricsSum {
  #ended: Families = new Map();

  /** Counts on what a process has counted that has ended. */
  keep(text: string): void {
    const families = readFamilies(text);
    for (const [name, { kind }] of families) if (kind === 'gauge') families.delete(name);
    this.#ended = added([this.#ended, families]);
  }

  /** All together: counters and histograms with those that have ended, gauges of those that run. */
  text(texts: readonly string[]): string {
    return writeFamilies(added([...texts.map(readFamilies), this.#ended]));
  }
}

function added(all: readonly Families[]): Families {
  const sum: Families = new Map();
  for (const families of all) {
    for (const [name, { help, kind, samples }] of families) {
      const into = sum.get(name) ?? { help, kind, samples: new Map<string, number>() };
      sum.set(name, into);
      const rule = kind === 'gauge' ? ruleOf(name) : 'sum';
      for (const [key, value] of samples) into.samples.set(key, joined(rule, into.samples.get(key), value));
    }
  }
  return sum;
}

function ruleOf(name: string): 'sum' | 'least' | 'most' {
  return RULES.find(([names]) => names.test(name))?.[1] ?? 'sum';
}

function joined(rule: 'sum' | 'least' | 'most', one: number | undefined, other: number): number {
  if (one === undefined) return other;
  if (rule === 'sum') return one + other;
  return rule === 'least' ? Math.min(one, other) : Math.max(one, other);
}

/** What this program writes itself: a line of help and one of the type before the samples, none with a time. */
function readFamilies(text: string): Families {
  const families: Families = new Map();
  let help = '';
  let samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') help = rest;
    else if (word === 'TYPE') {
      samples = new Map();
      families.set(name, { help, kind: rest, samples });
    } else if (line !== '') {
      const end = line.lastIndexOf(' ');
      samples.set(line.slice(0, end), numberOf(line.slice(end + 1)));
    }
  }
  return families;
}

function writeFamilies(families: Families): string {
  const texts = Array.from(families, ([name, { help, kind, samples }]) => {
    const lines = Array.from(samples, ([key, value]) => `${key} ${textOf(value)}\n`);
    return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
  });
  return texts.join('');
}

function numberOf(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function textOf(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}
