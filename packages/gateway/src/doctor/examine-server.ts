import type { Offer } from '../catalog/offer.ts';
import type { Redact } from '../config/secrets.ts';
import { isProgram, type ServerEntry, type StdioServerEntry } from '../config/servers-section.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { LoginNeededError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { silentLogger } from '../logger.ts';
import { LEGACY_VERSIONS, MODERN_VERSION } from '../protocol/era.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { quoted } from '../quoted.ts';
import type { ProgramExit } from '../transport/last-words.ts';
import type { Connection } from '../upstream/connection.ts';
import { readFirstOffer } from '../upstream/first-offer.ts';
import { LeftOut } from '../upstream/left-out.ts';
import { nobodyToAsk } from '../upstream/nobody-to-ask.ts';
import { openConnection } from '../upstream/open-connection.ts';
import { VERSION } from '../version.ts';
import { diagnose } from './diagnose.ts';
import type { ExaminedEntry } from './entry-report.ts';
import type { ExamineContext } from './examine-context.ts';
import { Findings } from './finding.ts';
import { LastLines } from './last-lines.ts';
import { lookAtLogins } from './look-at-logins.ts';
import { countsOf, saidCounts } from './offer-counts.ts';

/** A start that takes so much of the time that it may take is told. */
const SLOW = 0.5;

/** An address of this machine, as programs tell where they listen. */
const OWN_ADDRESS = /\bhttps?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::\d{1,5})?/i;

/**
 * Starts one server, or connects to it, reads all its lists, and ends it again.
 *
 * @param timeoutMs - How long its start and its lists may each take. @default its "connectTimeoutMs"
 */
export async function examineServer(
  name: string,
  entry: ServerEntry,
  context: ExamineContext,
  timeoutMs?: number,
): Promise<ExaminedEntry> {
  const connectTimeoutMs = timeoutMs ?? entry.connectTimeoutMs;
  const lines = new LastLines();
  const start = new Findings('start', name);
  const lists = new Findings('lists', name);
  const began = performance.now();
  const took = (): number => Math.round(performance.now() - began);
  const heard: Heard = { lines, start };
  let connection: Connection | undefined;
  try {
    connection = await connect(name, { ...entry, connectTimeoutMs }, context, heard);
    const { cancellation } = context;
    const leftOut = new LeftOut(name, tellingOfItems(lists));
    const offer = await readFirstOffer(connection, { connectTimeoutMs, leftOut, cancellation });
    const tookMs = took();
    lookAtStart(start, connection, entry, tookMs);
    lookAtStray(start, heard);
    await lookAtLogins(start, name, context);
    lookAtLists(lists, offer);
    const report = { name, kind: 'server' as const, tookMs, lastLines: lines.all, ...introduced(connection, offer) };
    return { report, findings: [...start.all, ...lists.all], offer };
  } catch (error) {
    context.cancellation.throwIfCancelled();
    const remedy = whereToLook(entry, context.redact);
    if (error instanceof LoginNeededError) {
      const fault = await noLogin(name, { ...entry, connectTimeoutMs }, context);
      if (fault === undefined) start.warning(loginNeeded(name, entry, context.flag));
      else start.failure(fault);
      await lookAtLogins(start, name, context);
      const report = { name, kind: 'server' as const, tookMs: took(), lastLines: lines.all };
      return { report, findings: [...start.all, ...lists.all] };
    }
    const found = servingHttp(entry, lines.all, diagnose(error, { remedy }));
    // Where the command line says how long it may take, that is what to raise.
    const raised = timeoutMs === undefined ? found.remedy : found.remedy.replace('its "connectTimeoutMs"', '--timeout');
    lookAtStray(start, heard, found.problem);
    start.failure({ problem: found.problem, remedy: raised });
    const { exit } = heard;
    const report = { name, kind: 'server' as const, tookMs: took(), ...(exit && { exit }), lastLines: lines.all };
    return { report, findings: [...start.all, ...lists.all] };
  } finally {
    if (connection) context.ending(connection.close());
  }
}

/** What is heard of a server beside its messages, over all attempts to start it. */
interface Heard {
  readonly lines: LastLines;
  readonly start: Findings;
  /** The first line on stdout that is no message. */
  stray?: string;
  exit?: ProgramExit;
}

function connect(
  server: string,
  entry: ServerEntry,
  { programs, authorizerOf, cancellation, redact, ending }: ExamineContext,
  heard: Heard,
): Promise<Connection> {
  const ignore = (): void => {};
  return openConnection({
    server,
    entry,
    programs,
    authorizer: authorizerOf(server, entry),
    clientInfo: ObjectText.from({ name: 'lockgate', title: 'Lockgate', version: VERSION }),
    capabilities: ObjectText.EMPTY,
    era: 'any',
    cancellation,
    redact,
    // Who runs the doctor may read what servers say of themselves; no data has been asked for.
    isGuarded: () => false,
    ask: nobodyToAsk,
    onNews: ignore,
    onStray: ignore,
    onError: ignore,
    onStderr: (text) => heard.lines.add(text),
    onStrayLine: (text) => {
      heard.stray ??= text;
    },
    onExit: (exit) => {
      heard.exit = exit;
    },
    onOnlySse: () => {
      heard.start.note({
        problem: 'it speaks the oldest transport over HTTP only, which is tried after the newer one',
        remedy: 'write "type": "sse" to have it tried first',
      });
    },
    onEnding: (over) => {
      heard.lines.startOver();
      ending(over);
    },
  });
}

function lookAtStart(
  found: Findings,
  { facts: { era, version } }: Connection,
  entry: ServerEntry,
  tookMs: number,
): void {
  const { connectTimeoutMs } = entry;
  found.ok(`it answers, in the ${era} era (${version})`);
  if (era === 'legacy' && !LEGACY_VERSIONS.includes(version)) {
    found.warning({
      problem: `it chose the MCP revision "${version}", which nobody else knows`,
      remedy: `tell its author: it has to choose one of ${LEGACY_VERSIONS.join(', ')}, or ${MODERN_VERSION}`,
    });
  }
  if (tookMs > connectTimeoutMs * SLOW) {
    const problem = `it took ${tookMs} ms to start, of the ${connectTimeoutMs} ms that it may take`;
    found.warning({ problem, remedy: 'raise its "connectTimeoutMs"' });
  }
}

/** Told once, however often it was started, and not where the failure tells it. */
function lookAtStray(found: Findings, { stray }: Heard, failure = ''): void {
  if (stray === undefined || failure.includes(`"${stray}"`)) return;
  found.warning({
    problem: `it writes to stdout "${stray}", which is no message of MCP`,
    remedy: 'tell its author: what is no message belongs on stderr',
  });
}

function lookAtLists(found: Findings, offer: Offer): void {
  const { failed = {} } = offer;
  for (const [list, error] of Object.entries(failed)) {
    if (!error) continue;
    found.warning({
      problem: `it does not list its ${list}: ${error.message}`,
      remedy: 'look at its log; they are left out',
    });
  }
  const said = saidCounts(offer);
  if (said !== undefined) found.ok(said);
  else if (Object.values(failed).every((error) => error === undefined)) {
    const problem = 'it offers no tool, no resource and no prompt';
    found.warning({ problem, remedy: 'check its "args" and "env": some servers offer what they are given a key for' });
  }
}

function introduced({ facts }: Connection, offer: Offer) {
  const { era, version, serverInfo, capabilities } = facts;
  const words = [serverInfo?.text('name'), serverInfo?.text('version')].filter((word) => word !== undefined);
  return {
    era,
    protocolVersion: version,
    ...(words.length > 0 && { introducedAs: words.join(' ') }),
    capabilities: [...capabilities.keys()],
    counts: countsOf(offer),
  };
}

/** What is left out of a list is logged where it is served; here it is a finding. */
function tellingOfItems(found: Findings): Logger {
  return {
    ...silentLogger,
    warn: (fields) => {
      const { server: _, reason, ...item } = fields as Record<string, string>;
      const [kind, name] = Object.entries(item)[0] ?? ['item', ''];
      found.warning({
        problem: `the ${kind} "${name}" is left out, since strict clients would refuse the whole list: ${reason}`,
        remedy: 'tell the author of the server',
      });
    },
  };
}

/** Why nobody can log in to it; undefined where people can. */
async function noLogin(
  name: string,
  entry: ServerEntry,
  { findLogin }: ExamineContext,
): Promise<Diagnosis | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const { connectTimeoutMs: timeoutMs } = entry;
  const timer = setTimeout(resolve, timeoutMs, `it was not said within ${timeoutMs} ms where to`);
  const found = findLogin(name, entry).then(
    () => undefined,
    ({ message }: Error) => message,
  );
  const fault = await Promise.race([found, late]).finally(() => clearTimeout(timer));
  if (fault === undefined) return undefined;
  const [why, remedy = 'tell its operator, or name where people log in as "issuer" in "auth"'] = fault.split('; ', 2);
  return { problem: `it needs a login, and nobody can log in: ${why}`, remedy };
}

/** Nothing is wrong with it: callers are told where to log in. */
function loginNeeded(name: string, entry: ServerEntry, flag: string): Diagnosis {
  const isOwn = !isProgram(entry) && entry.credential === 'user';
  return {
    problem: 'it needs a login, and what it offers is not known before',
    remedy: isOwn
      ? 'each caller is told where to log in when it calls'
      : `run "lockgate connect ${quoted(name)}${flag}"`,
  };
}

/** Some programs that are given as commands serve HTTP, say so, and read nothing of their stdin. */
function servingHttp(entry: ServerEntry, lines: readonly string[], found: Diagnosis): Diagnosis {
  const address = entry.type === 'stdio' ? lines.map((line) => OWN_ADDRESS.exec(line)?.[0]).find(Boolean) : undefined;
  if (address === undefined || !found.remedy.includes('connectTimeoutMs')) return found;
  const remedy = `have its "args" choose stdio; or start it yourself, and name where it listens as "url" in place of "command"`;
  return { problem: `${found.problem}, and says that it listens at ${address}`, remedy };
}

function whereToLook(entry: ServerEntry, redact: Redact): string {
  if (entry.type === 'wasm') return `run "lockgate inspect ${quoted(entry.wasm)}" to see what it needs`;
  return entry.type === 'stdio' ? `start it by hand to see more: ${byHand(entry, redact)}` : 'look at its log';
}

/** As a shell takes it. Masked word by word, since a secret in quotes may look otherwise. */
function byHand({ command, args }: StdioServerEntry, redact: Redact): string {
  return [command, ...args].map((word) => quoted(redact(word))).join(' ');
}
