import { BadRequestError, UpstreamFaultError } from '../errors.ts';
import { agentOf } from '../monitor/agent-key.ts';
import type { CallFacts, CallMonitor } from '../monitor/call-monitor.ts';
import type { Label } from '../monitor/label.ts';
import { withoutEnvelope } from '../protocol/envelope.ts';
import { MetaKey } from '../protocol/era.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { exactObject, exactValue } from '../protocol/frame/exact-value.ts';
import { FrameError } from '../protocol/frame/frame-error.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import { coveredParams } from './covered-params.ts';
import { GuardedExchange } from './guarded-exchange.ts';
import type { AskedCall, RoutedCall } from './routed-call.ts';

/** What is known of results that the monitor has let pass. */
export interface GivenResults {
  /** Those of which a part was withheld. */
  readonly filtered: WeakSet<ObjectText>;
  readonly labels: WeakMap<ObjectText, Label>;
}

/** Asked before a call goes to its server, as {@link CallFacts.onSend}. */
export type OnSend = NonNullable<CallFacts['onSend']>;

/**
 * Lets a call pass the reference monitor. What the monitor judges is made from the very bytes that are sent, and a result that
 * it lets pass whole goes on as the bytes that came.
 *
 * @param proceed - Given the exchange and the parameters as the server gets them.
 * @param results - Gets what is known of the result.
 * @param onSend - Asked before the call goes to its server.
 * @throws what the monitor, `proceed` and `onSend` throw.
 */
export function monitored(
  monitor: CallMonitor,
  call: RoutedCall,
  exchange: Exchange,
  proceed: (exchange: Exchange, params: ObjectText | undefined) => Promise<ObjectText>,
  results: GivenResults,
  onSend?: OnSend,
): Promise<ObjectText> {
  return monitor.isActive ? guarded(monitor, call, exchange, proceed, results, onSend) : proceed(exchange, call.params);
}

async function guarded(
  monitor: CallMonitor,
  call: RoutedCall,
  exchange: Exchange,
  proceed: (exchange: Exchange, params: ObjectText | undefined) => Promise<ObjectText>,
  { filtered, labels }: GivenResults,
  onSend: OnSend | undefined,
): Promise<ObjectText> {
  const { peer, cancellation, inputResponses, requestState, script } = exchange;
  const { server } = call;
  const isRead = monitor.readsContents(server);
  const agent = agentOf(peer);
  const isAnswer = inputResponses !== undefined || requestState !== undefined;
  let isFiltered = false;
  const onFiltered = (): void => {
    isFiltered = true;
  };
  let label: Label | undefined;
  const onGiven = (given: Label): void => {
    label = given;
  };
  const asked = askedAbout(call, exchange, isRead);
  const { signal } = cancellation;
  const facts = {
    server,
    agent,
    caller: peer.caller,
    profile: peer.profile,
    ...asked,
    isAnswer,
    signal,
    script,
    onSend,
    onFiltered,
    onGiven,
  };
  let sent: ObjectText = ObjectText.EMPTY;
  let judged: Record<string, unknown> = {};
  const given = await monitor.guarded(facts, async (frames) => {
    const watched = new GuardedExchange(exchange, frames);
    try {
      sent = await proceed(watched.exchange, frames.maySayMore ? call.params : coveredParams(call, peer));
    } finally {
      await watched.end();
    }
    if (isRead) sent = withoutOwnSigns(sent);
    judged = isRead ? readOnce(sent, call) : sent.toValue();
    return judged;
  });
  const told = given === judged ? sent : ObjectText.from(given);
  if (label) labels.set(told, label);
  if (isFiltered) filtered.add(told);
  return told;
}

/**
 * What the guard is asked about a call.
 *
 * @param isRead - Whether a guard decides by what is in it.
 * @throws GATEWAY_BAD_REQUEST where two readers might read it differently.
 */
export function askedAbout(call: RoutedCall, { peer }: Exchange, isRead: boolean): AskedCall {
  const bare = peer.era === 'modern' && call.params ? { ...call, params: withoutEnvelope(call.params) } : call;
  const args = argumentsOf(bare, isRead);
  return call.asked ?? { tool: call.tool, args };
}

function argumentsOf({ params, argumentsAt, server }: RoutedCall, isRead: boolean): unknown {
  if (!params) return {};
  if (isRead) mustBeUnique(params, server);
  if (argumentsAt === 'arguments') return exactValue(params, 'arguments') ?? {};
  const all = exactObject(params);
  return argumentsAt ? Object.fromEntries(argumentsAt.map((key) => [key, all[key]])) : all;
}

/** Parameters in which a key stands twice would be read in two ways, by the guard and by the server. */
function mustBeUnique(params: ObjectText, server: string): void {
  try {
    ObjectText.read(params.toBytes(), { unique: true });
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new BadRequestError(
      `The guard of "${server}" takes no parameters in which a key stands twice: ${error.message}`,
    );
  }
}

/**
 * A modern server signs every result, and says how long and by whom it may be kept. The client gets the gateway's word on both: no guard has
 * seen what is kept elsewhere, and labels cannot point at a signature.
 */
function withoutOwnSigns(result: ObjectText): ObjectText {
  const bare = result.without('ttlMs', 'cacheScope');
  const meta = bare.object('_meta');
  if (!meta?.has(MetaKey.serverInfo)) return bare;
  const rest = meta.without(MetaKey.serverInfo);
  const [more] = rest.keys();
  return more === undefined ? bare.without('_meta') : bare.with('_meta', rest);
}

function readOnce(result: ObjectText, { server, tool }: RoutedCall): Record<string, unknown> {
  try {
    ObjectText.read(result.toBytes(), { unique: true });
  } catch (cause) {
    throw new UpstreamFaultError({ server, method: tool }, { cause });
  }
  return exactObject(result);
}
