import type { Diagnosis } from '../diagnosis.ts';

/** `note`: works, and may not be meant. `warning`: works for now, or not for everybody. `failure`: does not work. */
export type FindingStatus = 'ok' | 'note' | 'warning' | 'failure';

/** Where something stands in the configuration. */
export interface FindingPlace {
  /** The file, flag or variable. */
  readonly source: string;
  /** Counted from 1, where the source is a text. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** Such as `mcpServers.files.command`. */
  readonly key?: string | undefined;
}

/** One thing that was looked at, and what came of it. */
export interface Finding {
  /** What was looked at: a word of {@link CHECKS}. */
  readonly check: Check;
  /** Whose: a server, plugin or guard by its name; a key of the configuration, a file or a folder; `machine`. */
  readonly subject: string;
  readonly status: FindingStatus;
  /** What was found, as one sentence without a full stop; of what is wrong, the cause. */
  readonly message: string;
  /** What to do about it. Warnings and failures always have one. */
  readonly remedy?: string | undefined;
  readonly place?: FindingPlace | undefined;
}

/** What is looked at, in the order in which it is told. */
export const CHECKS = [
  'machine',
  'configuration',
  'address',
  'tls',
  'issuers',
  'state',
  'folders',
  'keys',
  'cache',
  'start',
  'lists',
  'schemas',
  'names',
  'settings',
] as const;

export type Check = (typeof CHECKS)[number];

const ORDER: readonly FindingStatus[] = ['ok', 'note', 'warning', 'failure'];

/** The gravest of some findings; `ok` where there is none. */
export function gravest(findings: readonly Pick<Finding, 'status'>[]): FindingStatus {
  const most = findings.map(({ status }) => ORDER.indexOf(status)).reduce((one, other) => Math.max(one, other), 0);
  return ORDER[most] ?? 'ok';
}

/** What was found of one subject by one check. */
export class Findings {
  readonly all: Finding[] = [];
  readonly #check: Check;
  readonly #subject: string;

  constructor(check: Check, subject: string) {
    this.#check = check;
    this.#subject = subject;
  }

  ok(message: string): this {
    return this.#add('ok', message, undefined, undefined);
  }

  note({ problem, remedy }: Diagnosis, place?: FindingPlace): this {
    return this.#add('note', problem, remedy, place);
  }

  warning({ problem, remedy }: Diagnosis, place?: FindingPlace): this {
    return this.#add('warning', problem, remedy, place);
  }

  failure({ problem, remedy }: Diagnosis, place?: FindingPlace): this {
    return this.#add('failure', problem, remedy, place);
  }

  #add(status: FindingStatus, message: string, remedy: string | undefined, place: FindingPlace | undefined): this {
    const found = { check: this.#check, subject: this.#subject, status, message: message.replace(/\.$/, '') };
    this.all.push({ ...found, ...(remedy !== undefined && { remedy }), ...(place && { place }) });
    return this;
  }
}
