import type { Redact } from '../config/secrets.ts';
import type { ServerEntry } from '../config/servers-section.ts';
import { UpstreamRefusedError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Era } from '../protocol/era.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { unlessCancelled } from '../protocol/unless-cancelled.ts';
import { HttpLink } from '../transport/http-link.ts';
import { PipeLink } from '../transport/pipe-link.ts';
import type { Programs } from '../transport/programs.ts';
import type { ServerLink } from '../transport/server-link.ts';
import { SseLink } from '../transport/sse-link.ts';
import { Connection } from './connection.ts';
import type { ConnectionEvents } from './connection-options.ts';
import { askEra, shakeHands } from './handshake.ts';
import type { OwnIdentity } from './outbound-params.ts';
import { reachReason } from './reach-reason.ts';
import { refusesEra } from './refuses-era.ts';
import { withoutWords } from './without-words.ts';

export interface OpenOptions extends OwnIdentity, ConnectionEvents {
  readonly server: string;
  readonly entry: ServerEntry;
  readonly programs: Programs;
  /** `legacy` and `modern` where it is known what is wanted; `any` finds out what the server speaks, modern first. */
  readonly era: Era | 'any';
  readonly cancellation: Cancellation;
  /** Takes secrets out of what a program writes to stderr. */
  readonly redact: Redact;
  /** Whether a guard decides on what the server says: why it is down is told without its words then. */
  readonly isGuarded: () => boolean;
  /** Whole lines that a program has written to stderr, without secrets. */
  readonly onStderr: (text: string) => void;
  /** Told when the server has said that it does not speak the era that is wanted. */
  readonly onRefusedEra?: (() => void) | undefined;
  /** Told of a failed attempt whose program still has to end. */
  readonly onEnding: (ending: Promise<void>) => void;
}

/** Programs that were made for people, or for HTTP, say so on stdout. */
const STRAY_STDOUT = '. It wrote to stdout what is no message: is it an MCP server over stdio? Those log to stderr';

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
  try {
    if (entry.type !== 'stdio') return await openHttp(options, entry);
    try {
      return await attempt(options, pipeLink(options, entry), era);
    } catch (error) {
      if (!(error instanceof SilentError) || options.cancellation.cancelled) throw error;
      return await attempt(options, pipeLink(options, entry), 'legacy');
    }
  } catch (error) {
    if (era !== 'any' && refusesEra(error, entry.type === 'stdio')) options.onRefusedEra?.();
    throw withoutWords(toReason(error, entry), options);
  }
}

async function openHttp(
  options: OpenOptions,
  entry: Extract<ServerEntry, { type: 'http' | 'sse' }>,
): Promise<Connection> {
  const url = new URL(entry.url);
  if (entry.type === 'sse') return attempt(options, new SseLink(url, entry.headers), 'legacy');
  try {
    return await attempt(options, new HttpLink(url, entry.headers), options.era);
  } catch (error) {
    if (options.cancellation.cancelled || options.era === 'modern' || !speaksOnlySse(error)) throw error;
    return await attempt(options, new SseLink(url, entry.headers), 'legacy').catch(() => {
      throw error; // the first refusal says more
    });
  }
}

/** Source: MCP specification 2025-11-25, "Transports", backwards compatibility. */
function speaksOnlySse(error: unknown): boolean {
  return error instanceof UpstreamRefusedError && [400, 404, 405].includes(error.facts.status);
}

function pipeLink(
  { programs, redact, isGuarded, onStderr }: OpenOptions,
  program: Extract<ServerEntry, { type: 'stdio' }>,
): ServerLink {
  const tell = (text: string): void => {
    if (text.trim() !== '') onStderr(text);
  };
  return new PipeLink({
    programs,
    program: { ...program, redact, tellsWords: () => !isGuarded() },
    onStderr: tell,
    redact,
  });
}

/** One attempt over one link, which ends with it where it fails. */
async function attempt(options: OpenOptions, link: ServerLink, era: Era | 'any'): Promise<Connection> {
  const { connectTimeoutMs } = options.entry;
  let misread = '';
  const onError = (error: Error): void => {
    if (error instanceof FrameError && link instanceof PipeLink) misread = STRAY_STDOUT;
    options.onError(error);
  };
  const connection = new Connection({ ...options, link, onError });
  const cancellation = Cancellation.within(options.cancellation);
  const late = (): Error =>
    new Error(
      `it did not answer within ${connectTimeoutMs} ms; raise its "connectTimeoutMs" if it needs longer${misread}`,
    );
  const timer = setTimeout(() => cancellation.cancel(late()), connectTimeoutMs);
  try {
    // Some links do not notice a cancellation while they start.
    await unlessCancelled(cancellation, connection.start());
    await greet(connection, link, era, cancellation, connectTimeoutMs);
    return connection;
  } catch (error) {
    const { endReason } = connection;
    options.onEnding(connection.close().catch(() => {}));
    if (cancellation.cancelled && !options.cancellation.cancelled) throw late();
    if (error instanceof SilentError || endReason === undefined) throw error;
    throw new Error(endReason, { cause: error });
  } finally {
    clearTimeout(timer);
    cancellation.detach();
  }
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
  const reason = entry.type === 'stdio' ? undefined : reachReason(error, entry.url);
  if (reason !== undefined) return new Error(reason, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
