import type { Offer } from '../catalog/offer.ts';
import type { Era } from '../protocol/era.ts';
import type { ProgramExit } from '../transport/last-words.ts';
import type { Finding, FindingStatus } from './finding.ts';

/** What is known of one server, plugin or guard after it has been started alone. */
export interface EntryReport {
  /** Its name in the configuration; of a guard, that of the server that it stands in front of. */
  readonly name: string;
  readonly kind: 'server' | 'plugin' | 'guard';
  /** The gravest of its findings; `off` where it is switched off and was not started. */
  readonly status: FindingStatus | 'off';
  /** From the start to the last list, or to the failure. */
  readonly tookMs: number;
  readonly era?: Era | undefined;
  /** The revision of MCP that was agreed on. */
  readonly protocolVersion?: string | undefined;
  /** What it calls itself, with its version. */
  readonly introducedAs?: string | undefined;
  /** What it declares, such as `tools` and `logging`. */
  readonly capabilities?: readonly string[] | undefined;
  /** How many it lists, on all pages. */
  readonly counts?: Readonly<Record<'tools' | 'resources' | 'resourceTemplates' | 'prompts', number>> | undefined;
  /** How its program ended by itself before it could be looked at; only one of the two is no null. */
  readonly exit?: ProgramExit | undefined;
  /** What it wrote last to stderr, without secrets. */
  readonly lastLines: readonly string[];
}

/** What the doctor found out about one entry. */
export interface ExaminedEntry {
  readonly report: Omit<EntryReport, 'status'>;
  readonly findings: readonly Finding[];
  /** What it serves; absent where it did not start. */
  readonly offer?: Offer | undefined;
}
