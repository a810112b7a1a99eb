import type { Fetch } from '../access/ask-issuer.ts';
import { ClosingOrder } from '../closing-order.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Redact } from '../config/secrets.ts';
import { isProgram, type ServerEntry } from '../config/servers-section.ts';
import type { Guests } from '../guests.ts';
import { silentLogger } from '../logger.ts';
import { OWN, SHARED } from '../login/holder.ts';
import { openOwnLogins } from '../login/own-logins.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { Programs } from '../transport/programs.ts';
import { configRemarks } from './config-findings.ts';
import { type DoctorReport, reportOf } from './doctor-report.ts';
import { type EntryToExamine, entriesToExamine, switchedOff } from './entries-to-examine.ts';
import type { ExaminedEntry } from './entry-report.ts';
import type { ExamineContext } from './examine-context.ts';
import { examineSharedState } from './examine-shared-state.ts';
import type { Finding } from './finding.ts';
import { MACHINE_PROBES } from './machine/machine-probes.ts';
import type { NamedOffer } from './offers/offer-probe.ts';
import { OFFER_PROBES } from './offers/offer-probes.ts';

export interface ExamineOptions {
  readonly config: GatewayConfig;
  /** What has been found about the configuration before, such as entries that cannot be used. */
  readonly found?: readonly Finding[];
  /** What works of the configuration, yet probably not as meant. */
  readonly warnings?: readonly string[];
  /** What a remedy adds to a command of lockgate that is to mean this configuration, with a space before it. @default nothing */
  readonly flag?: string;
  /** The servers, plugins and guards that are started. @default all that are switched on */
  readonly names?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Asks the issuers of tokens. */
  readonly fetch: Fetch;
  /** How long each may take to start and to list, in milliseconds. @default its own "connectTimeoutMs" */
  readonly timeoutMs?: number | undefined;
  /** Takes secrets out of all that is reported. */
  readonly redact: Redact;
  /** Ends the examination; everything that was started ends with it. */
  readonly cancellation: Cancellation;
  /** Told who is being looked at now, and how many are left. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly running: readonly string[];
  readonly done: number;
  readonly total: number;
}

/**
 * Looks at the machine and the configuration, then starts each server alone and loads each plugin and guard, "startConcurrency" of
 * them at a time. Writes nothing, calls no tool, and leaves nothing running.
 *
 * @throws the reason of the cancellation.
 */
export async function examine(options: ExamineOptions): Promise<DoctorReport> {
  const { config, cancellation, now, environment, fetch, redact, found = [], warnings = [] } = options;
  const facts = { config, environment, nowMs: now(), fetch, flag: options.flag ?? '' };
  const machine = await Promise.all(MACHINE_PROBES.map((probe) => probe(facts)));
  cancellation.throwIfCancelled();
  const shared = await examineSharedState(options);
  const examined = await examineEntries(options);
  const offers = examined.flatMap(({ report: { name, kind }, offer }): readonly NamedOffer[] =>
    offer && kind !== 'guard' ? [{ name, kind, offer }] : [],
  );
  const findings = [
    ...found,
    ...machine.flat(),
    ...shared,
    ...configRemarks(config, { warnings, isWhole: found.length === 0 }),
    ...examined.flatMap((entry) => entry.findings),
    ...OFFER_PROBES.flatMap((probe) => probe(offers, config)),
  ];
  return reportOf({ findings, entries: examined.map(({ report }) => report), off: switchedOff(options), redact });
}

async function examineEntries(options: ExamineOptions): Promise<readonly ExaminedEntry[]> {
  const { config, redact, cancellation, timeoutMs, onProgress } = options;
  const entries = entriesToExamine(options);
  const running = new Set<string>();
  let done = 0;
  const tell = (): void => onProgress?.({ running: [...running], done, total: entries.length });
  await using closing = new ClosingOrder();
  const guests = openOnce(closing);
  const programs = new Programs(config.gateway.startConcurrency, guests);
  closing.defer(() => programs.close());
  const logins = openOwnLogins({ ...config.gateway.vault, flag: options.flag ?? '' }, options.now);
  const endings: Promise<void>[] = [];
  closing.defer(() => Promise.allSettled(endings));
  const inTurn = (entry: EntryToExamine): Promise<ExaminedEntry | undefined> =>
    programs.inTurn(
      async () => {
        running.add(entry.name);
        tell();
        const context: ExamineContext = {
          programs,
          guests,
          cancellation,
          redact,
          // Where each caller has a login, it is examined with that of whoever runs the doctor, and with nobody else's.
          authorizerOf: (name, one) => {
            const remote = logins.configure(name, one);
            return remote && logins.credential(name, holderOf(remote));
          },
          loginsOf: async (name) => {
            const all = await logins.list().catch(() => []);
            return all.filter(({ server, loggedInAt }) => server === name && loggedInAt !== undefined);
          },
          now: options.now,
          flag: options.flag ?? '',
          findLogin: (name, one) => logins.place(name, holderOf(one)),
          ending: (over) => void endings.push(over),
        };
        const examined = await entry.examine({ ...context, timeoutMs });
        running.delete(entry.name);
        done++;
        tell();
        return examined;
      },
      { cancellation, isAwaited: () => true },
    );
  const examined = await Promise.all(entries.map(inTurn));
  return examined.filter((one) => one !== undefined);
}

/** Whose login it is examined with. */
function holderOf(entry: ServerEntry): string {
  return !isProgram(entry) && entry.credential === 'user' ? OWN : SHARED;
}

/** What runs WebAssembly is loaded when the first guest needs it. Compiled modules are kept in memory: the doctor writes nothing. */
function openOnce(closing: ClosingOrder): () => Promise<Guests> {
  let opening: Promise<Guests> | undefined;
  return () => {
    opening ??= import('../guests.ts').then(async ({ openGuests }) => {
      const guests = await openGuests({ cacheDirectory: undefined, logger: silentLogger });
      closing.defer(() => guests.close());
      return guests;
    });
    return opening;
  };
}
