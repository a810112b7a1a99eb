import { UpstreamLostError, UpstreamRefusedError } from '../errors.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import { withEnvelope } from '../protocol/envelope.ts';
import { LEGACY_VERSIONS, MetaKey, MODERN_VERSION } from '../protocol/era.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import type { Connection } from './connection.ts';
import { standardHeaders } from './standard-headers.ts';

/** How long a program that runs may stay silent to a question of the modern era before it is taken for an older one. */
const SILENCE_MS = 5_000;

/** When a program that has not answered is pinged. Older ones that ignore what they do not know answer that; newer ones refuse it. */
const PING_MS = 500;

export interface AskEraOptions {
  readonly isProgram: boolean;
  /** How long the whole start may take; a program that wrote nothing for two thirds of it is taken for an older one. */
  readonly timeoutMs: number;
}

/**
 * What comes of asking: the connection is open, or the server is of the legacy era and waits to be greeted; `ended` and
 * `silent` mean that a program must be started again to be greeted the older way.
 */
export type EraVerdict = 'open' | 'legacy' | 'ended' | 'silent';

/**
 * Asks a server whether it speaks the modern era; it is open then where it does. One question at a time: a program that has
 * written nothing yet is still starting and is not asked another.
 *
 * @throws where the server cannot be reached, or refuses everybody.
 */
export async function askEra(
  connection: Connection,
  cancellation: Cancellation,
  { isProgram, timeoutMs }: AskEraOptions,
): Promise<EraVerdict> {
  const asked = discover(connection, cancellation);
  if (!isProgram) return asked;
  asked.catch(() => {}); // heard below, unless silence was sooner
  const silence = waitForSilence(connection, timeoutMs);
  const ping = pingLater(connection, cancellation);
  try {
    const verdict = await Promise.race([asked, silence.over, ping.answered]);
    if (verdict !== 'quiet') return verdict;
    // An older program that ignores what it does not know. A late answer counts all the same.
    const greeted = shakeHands(connection, cancellation).then((): EraVerdict => 'open');
    const late = asked.then((found) => (found === 'open' ? found : greeted));
    return await Promise.any([late, greeted]).catch(() => greeted);
  } finally {
    silence.cancel();
    ping.cancel();
  }
}

/**
 * Greets a server as the legacy era does.
 *
 * @throws the server's error, or the reason why it cannot be reached.
 */
export async function shakeHands(connection: Connection, cancellation: Cancellation): Promise<void> {
  const { clientInfo, capabilities } = connection.identity;
  const params = ObjectText.EMPTY.withValue('protocolVersion', LEGACY_VERSIONS[0])
    .with('capabilities', capabilities)
    .with('clientInfo', clientInfo);
  const result = await connection.request({ method: 'initialize', params }, { cancellation });
  if (connection.isOpen) return;
  await connection.opened({
    era: 'legacy',
    version: result.text('protocolVersion') ?? '',
    capabilities: result.object('capabilities')?.copy() ?? ObjectText.EMPTY,
    serverInfo: result.object('serverInfo')?.copy(),
    instructions: result.text('instructions'),
  });
}

async function discover(connection: Connection, cancellation: Cancellation, isAgain = false): Promise<EraVerdict> {
  const params = modernParams(connection);
  const headers = standardHeaders('server/discover', params);
  try {
    const result = await connection.request({ method: 'server/discover', params }, { cancellation, headers });
    const versions = result.value('supportedVersions');
    if (!Array.isArray(versions) || !versions.includes(MODERN_VERSION)) return 'legacy';
    if (connection.isOpen) return 'legacy';
    await connection.opened({
      era: 'modern',
      version: MODERN_VERSION,
      capabilities: result.object('capabilities')?.copy() ?? ObjectText.EMPTY,
      serverInfo: result.object('_meta')?.object(MetaKey.serverInfo)?.copy(),
      instructions: result.text('instructions'),
    });
    return 'open';
  } catch (error) {
    // Source: MCP specification 2026-07-28, "Versioning": a client may ask again in a version that the refusal names.
    if (error instanceof RpcError)
      return !isAgain && namesOurs(error) ? discover(connection, cancellation, true) : 'legacy';
    if (error instanceof UpstreamLostError && connection.endReason !== undefined) return 'ended';
    if (!(error instanceof UpstreamRefusedError)) throw error;
    const { status } = error.facts;
    if (status === 401 || status === 403 || status >= 500) throw error;
    return 'legacy';
  }
}

function modernParams({ identity: { clientInfo, capabilities } }: Connection): ObjectText {
  return ObjectText.EMPTY.with('_meta', withEnvelope(ObjectText.EMPTY, clientInfo, capabilities, undefined));
}

/** Pings a program that takes its time; `quiet` where it answers that, and so reads what it is sent. */
function pingLater(connection: Connection, outer: Cancellation) {
  const { promise: answered, resolve } = Promise.withResolvers<'quiet'>();
  const cancellation = Cancellation.within(outer);
  const ping = (): void => {
    // Servers of both eras take what claims no era for the legacy one, and keep to it.
    const message = { method: 'ping', params: modernParams(connection) };
    connection.request(message, { cancellation }).then(
      () => resolve('quiet'),
      () => {}, // a refusal says nothing of the era; the first question is still open
    );
  };
  const timer = setTimeout(ping, PING_MS);
  return {
    answered,
    cancel: () => {
      clearTimeout(timer);
      cancellation.detach();
    },
  };
}

/** Whether a server that refuses the version says in the same breath that it supports it. */
function namesOurs({ code, text }: RpcError): boolean {
  const supported = text.object('data')?.value('supported');
  return code === RpcCode.unsupportedVersion && Array.isArray(supported) && supported.includes(MODERN_VERSION);
}

/** Tells when a program has been silent for too long: `quiet` where it has shown that it runs, `silent` where it has not. */
function waitForSilence(connection: Connection, timeoutMs: number) {
  const { promise: over, resolve } = Promise.withResolvers<'quiet' | 'silent'>();
  const longestMs = (timeoutMs * 2) / 3;
  let isWanted = true;
  let timer = setTimeout(resolve, longestMs, 'silent');
  void connection.signed.then(() => {
    clearTimeout(timer);
    if (isWanted) timer = setTimeout(resolve, Math.min(SILENCE_MS, longestMs), 'quiet');
  });
  return {
    over,
    cancel: () => {
      isWanted = false;
      clearTimeout(timer);
    },
  };
}
