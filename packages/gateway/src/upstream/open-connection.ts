import { grantsOf } from '../config/guest-grants.ts';
import type { Redact } from '../config/secrets.ts';
import {
  isProgram,
  type ProgramEntry,
  type RemoteServerEntry,
  type ServerEntry,
  type WasmServerEntry,
} from '../config/servers-section.ts';
import { DiagnosedError, type Diagnosis } from '../diagnosis.ts';
import { UpstreamRefusedError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import type { Authorizer } from '../transport/authorized-client.ts';
import { HttpLink } from '../transport/http-link.ts';
import type { ProgramExit } from '../transport/last-words.ts';
import { PipeLink, START_AS_SERVER } from '../transport/pipe-link.ts';
import type { GuestProgram, Programs } from '../transport/programs.ts';
import type { ServerLink } from '../transport/server-link.ts';
import { ServiceLink } from '../transport/service-link.ts';
import { SseLink } from '../transport/sse-link.ts';
import { Connection } from './connection.ts';
import type { ConnectionEvents } from './connection-options.ts';
import { askEra, shakeHands } from './handshake.ts';
import { movedTo } from './moved-to.ts';
import type { OwnIdentity } from './outbound-params.ts';
import { reachReason } from './reach-reason.ts';
import { refusesEra } from './refuses-era.ts';
import { withoutWords } from './without-words.ts';

export interface OpenOptions extends OwnIdentity, ConnectionEvents {
  readonly server: string;
  readonly entry: ServerEntry;
  readonly programs: Programs;
  /** Gives requests over HTTP their credential. @default what the entry's "headers" hold */
  readonly authorizer?: Authorizer | undefined;
  /** `legacy` and `modern` where it is known what is wanted; `any` finds out what the server speaks, modern first. */
  readonly era: Era | 'any';
  readonly cancellation: Cancellation;
  /** Takes secrets out of what a program writes to stderr. */
  readonly redact: Redact;
  /** Whether a guard decides on what the server says: why it is down is told without its words then. */
  readonly isGuarded: () => boolean;
  /** Whole lines that a program has written to stderr, without secrets. */
  readonly onStderr: (text: string) => void;
  /** Told the beginning of the first line that a program writes to stdout and that is no message, without secrets. */
  readonly onStrayLine?: ((text: string) => void) | undefined;
  /** Told how a program has exited, unless it was ended from here. */
  readonly onExit?: ((exit: ProgramExit) => void) | undefined;
  /** Told when a server was reached that speaks the oldest transport over HTTP and not the one that its entry names. */
  readonly onOnlySse?: (() => void) | undefined;
  /** Told when the server has said that it does not speak the era that is wanted. */
  readonly onRefusedEra?: (() => void) | undefined;
  /** Told of a failed attempt whose program still has to end. */
  readonly onEnding: (ending: Promise<void>) => void;
}

/** What to look at where one gets no further. */
const ENV_OF_INSTALLERS =
  '; of your environment it gets paths, certificates and proxies: what else it downloads with, such as the address of a mirror, goes into its "env"';
/** What downloads a server before it starts it. */
const INSTALLERS = /(?:^|\/)(?:npx|bunx|pnpx|uvx|pipx|docker|podman)$/;

/** How often an address may lead to another of the same host. */
const MAX_HOPS = 3;

/** A program said nothing in all the time that it was given: it is started again, and greeted the older way. */
class SilentError extends Error {}

/**
 * Connects to a server in whatever way it understands: the modern era, else the handshake of the legacy one; streamable
 * HTTP, else the oldest HTTP with SSE where the address answers as only that does.
 *
 * @throws an Error whose message says why, for people. Nothing stays open then.
 */
export async function openConnection(options: OpenOptions): Promise<Connection> {
  const { entry, era } = options;
  // Before anybody has called it, what it writes can be of no caller.
  const words: Words = { isUp: false };
  try {
    const connection = await (isProgram(entry) ? openProgram(options, entry, words) : openHttp(options, entry));
    words.isUp = true;
    return connection;
  } catch (error) {
    if (era !== 'any' && refusesEra(error, isProgram(entry))) options.onRefusedEra?.();
    throw withoutWords(toReason(error, entry), options);
  }
}

/** Whether what a program writes may be of a caller. */
interface Words {
  isUp: boolean;
}

/** What a program has said that is started, as far as it helps to find out what is wrong with it. */
interface Said {
  /** The first line on stdout that is no message. */
  stray?: string;
}

async function openProgram(options: OpenOptions, entry: ProgramEntry, words: Words): Promise<Connection> {
  const { programs, server, era, redact, isGuarded, onStderr, onExit } = options;
  if (entry.type === 'stdio' || (await programs.speaks(entry.wasm)) === 'stdio') return openPipe(options, entry, words);
  const program = { ...guestOf(server, entry), redact, tellsWords: () => !isGuarded() };
  return attempt(options, new ServiceLink({ programs, program, onStderr: unlessEmpty(onStderr), onExit, redact }), era);
}

async function openPipe(options: OpenOptions, entry: ProgramEntry, words: Words): Promise<Connection> {
  const said: Said = {};
  const link = (): ServerLink => {
    return pipeLink(options, entry, words, (text) => {
      said.stray ??= text;
      options.onStrayLine?.(text);
    });
  };
  try {
    return await attempt(options, link(), options.era, said);
  } catch (error) {
    if (!(error instanceof SilentError) || options.cancellation.cancelled) throw error;
    return await attempt(options, link(), 'legacy', said);
  }
}

async function openHttp(options: OpenOptions, entry: RemoteServerEntry): Promise<Connection> {
  let url = new URL(entry.url);
  for (let hop = 0; ; hop++) {
    try {
      return await openAt(url, options, entry);
    } catch (error) {
      const moved = hop < MAX_HOPS ? movedTo(url, error) : undefined;
      if (moved === undefined || options.cancellation.cancelled) throw error;
      url = moved;
    }
  }
}

async function openAt(url: URL, options: OpenOptions, entry: RemoteServerEntry): Promise<Connection> {
  const { authorizer } = options;
  if (entry.type === 'sse') return attempt(options, new SseLink(url, entry.headers, authorizer), 'legacy');
  try {
    return await attempt(options, new HttpLink(url, entry.headers, authorizer), options.era);
  } catch (error) {
    if (options.cancellation.cancelled || options.era === 'modern' || !speaksOnlySse(error)) throw error;
    const connection = await attempt(options, new SseLink(url, entry.headers, authorizer), 'legacy').catch(() => {
      throw error; // the first refusal says more
    });
    options.onOnlySse?.();
    return connection;
  }
}

/** Source: MCP specification 2025-11-25, "Transports", backwards compatibility. */
function speaksOnlySse(error: unknown): boolean {
  return error instanceof UpstreamRefusedError && [400, 404, 405].includes(error.facts.status);
}

function pipeLink(
  { server, programs, redact, isGuarded, onStderr, onExit }: OpenOptions,
  entry: ProgramEntry,
  words: Words,
  onStrayLine: (text: string) => void,
): ServerLink {
  const tellsWords = (): boolean => !isGuarded() && !(words.isUp && programs.areShared);
  return new PipeLink({
    programs,
    program: { ...(entry.type === 'stdio' ? entry : guestOf(server, entry)), redact, tellsWords },
    onStderr: unlessEmpty(onStderr),
    onStrayLine,
    onExit,
    redact,
  });
}

function unlessEmpty(tell: (text: string) => void): (text: string) => void {
  return (text) => {
    if (text.trim() !== '') tell(text);
  };
}

function guestOf(name: string, entry: WasmServerEntry): GuestProgram {
  const { wasm, args, limits, callTimeoutMs } = entry;
  const { hosts, storage, keyValue, env } = grantsOf(entry);
  const { memoryCeilingBytes } = limits;
  return { name, wasm, args, env, storage, keyValue, hosts, memoryCeilingBytes, callTimeoutMs };
}

/** One attempt over one link, which ends with it where it fails. */
async function attempt(options: OpenOptions, link: ServerLink, era: Era | 'any', said?: Said): Promise<Connection> {
  const { connectTimeoutMs } = options.entry;
  const connection = new Connection({ ...options, link });
  const cancellation = Cancellation.within(options.cancellation);
  const late = (): Error => new DiagnosedError(lateness(options, link, said));
  const timer = setTimeout(() => cancellation.cancel(late()), connectTimeoutMs);
  try {
    // Some links do not notice a cancellation while they start.
    await unlessCancelled(cancellation, connection.start());
    await greet(connection, link, era, cancellation, connectTimeoutMs);
    return connection;
  } catch (error) {
    const { endReason, endDiagnosis } = connection;
    options.onEnding(connection.close().catch(() => {}));
    if (cancellation.cancelled && !options.cancellation.cancelled) throw late();
    if (error instanceof SilentError || endReason === undefined) throw error;
    throw endDiagnosis ? new DiagnosedError(endDiagnosis, { cause: error }) : new Error(endReason, { cause: error });
  } finally {
    clearTimeout(timer);
    cancellation.detach();
  }
}

/** Why a server that is there has not answered in time: it may not know that it is meant to be one. */
function lateness({ entry, isGuarded }: OpenOptions, link: ServerLink, said: Said | undefined): Diagnosis {
  const problem = `it did not answer within ${entry.connectTimeoutMs} ms`;
  if (said?.stray !== undefined) {
    const words = isGuarded() ? 'what' : `"${said.stray}", which`;
    return { problem: `${problem}, and wrote to stdout ${words} is no message of MCP`, remedy: START_AS_SERVER };
  }
  if (link instanceof SseLink) {
    const remedy = 'if it is a server of streamable HTTP, leave "type" out; else raise its "connectTimeoutMs"';
    return { problem, remedy };
  }
  const first =
    entry.type === 'stdio' && INSTALLERS.test(entry.command)
      ? `, as a first start that downloads it does${ENV_OF_INSTALLERS}`
      : '';
  return { problem, remedy: `raise its "connectTimeoutMs" if it needs longer${first}` };
}

async function greet(
  connection: Connection,
  link: ServerLink,
  era: Era | 'any',
  cancellation: Cancellation,
  timeoutMs: number,
): Promise<void> {
  if (era === 'legacy') return shakeHands(connection, cancellation);
  const verdict = await askEra(connection, cancellation, { isProgram: link instanceof PipeLink, timeoutMs });
  if (verdict === 'open') return;
  if (verdict === 'ended' || verdict === 'silent') throw new SilentError('it ended or stayed silent when it was asked');
  if (era === 'modern') throw new Error('it does not speak protocol version 2026-07-28');
  await shakeHands(connection, cancellation);
}

/** What people are told: most errors of the gateway itself say it already. */
function toReason(error: unknown, entry: ServerEntry): Error {
  const reason = isProgram(entry) ? undefined : reachReason(error, entry.url);
  if (reason !== undefined) return new DiagnosedError(reason, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
