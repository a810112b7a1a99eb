import type { AnswerStore, KeptAnswer } from '../answers/answer-store.ts';
import { byteRange } from '../answers/byte-range.ts';
import { cutBlocks, mimeTypeOf } from '../answers/cut-answer.ts';
import type { Cut } from '../answers/fit-answer.ts';
import { KEPT_PREFIX, type KeptAddress, keptUri, parseKeptUri } from '../answers/kept-uri.ts';
import { agentOf, nameOfAgent } from '../monitor/agent-key.ts';
import type { CallMonitor } from '../monitor/call-monitor.ts';
import type { Label } from '../monitor/label.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import { RpcCode, RpcError } from '../protocol/rpc-error.ts';
import { parseExactly } from '../query/exact-json.ts';
import { Query, QueryError } from '../query/query.ts';
import type { Endpoint } from './endpoint.ts';
import type { OwnRoute } from './route.ts';

/** The legacy version from which on results may hold links. Source: MCP specification 2025-06-18, "Tools". */
const LINKS_SINCE = '2025-06-18';

export interface KeptAnswersOptions {
  readonly store: AnswerStore;
  readonly monitor: CallMonitor;
  /** Bytes of a long answer that are given at once. */
  readonly previewBytes: number;
}

/** What a call was answered, as far as those who read it again have to know. */
export interface AnsweredCall {
  readonly server: string;
  /** As its server knows it. */
  readonly tool: string;
  /** Of what the monitor has let pass; undefined where it was not asked. */
  readonly label: Label | undefined;
}

/** A part of a kept answer. */
export interface KeptPart {
  readonly server: string;
  readonly text: string;
  readonly mimeType: string;
  /** What part it is, and where the next one is; absent where it is all that was asked for. */
  readonly note?: string;
}

/** Answers that were too long, for the agents that got them and for nobody else. */
export class KeptAnswers {
  readonly #options: KeptAnswersOptions;

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
  }

  /** Keeps what a call was answered, and gives the beginning. Where the monitor's word about it is missing, nothing is kept. */
  cutFor(peer: Peer, { server, tool, label }: AnsweredCall): Cut {
    const { store, monitor, previewBytes } = this.#options;
    return async ({ text, value, limit }) => {
      const facts = { owner: nameOfAgent(agentOf(peer)), server, tool, label, isJson: value !== undefined };
      const mayKeep = label !== undefined || !monitor.isActive;
      const kept = mayKeep ? await store.keep(text, facts) : undefined;
      const takesLinks = peer.era === 'modern' || (peer.version ?? '') >= LINKS_SINCE;
      return cutBlocks({ text, value, limit, tool }, { previewBytes, kept, keepMs: store.keepMs, takesLinks });
    };
  }

  /**
   * What an address asks of a kept answer. The monitor is asked about all of it, whichever part is read.
   *
   * @throws RpcError -32602 where there is no such answer for this agent, or the query does not fit; GATEWAY_FLOW_DENIED, GATEWAY_STATE.
   */
  async read(uri: string, { peer, script }: Exchange, endpoint: Endpoint): Promise<KeptPart> {
    const { store, monitor } = this.#options;
    const address = parseKeptUri(uri);
    const agent = agentOf(peer);
    const kept = address && store.find(address.id, nameOfAgent(agent));
    const source = endpoint.visibleTo(peer.caller).find(({ name }) => name === kept?.server);
    // What it may call can change as well.
    const isAllowed = source && kept && endpoint.permissionOf(peer.caller).allows('tool', source, kept.tool);
    if (!address && uri.startsWith(KEPT_PREFIX)) throw RpcError.of(RpcCode.invalidParams, WRONG_ADDRESS);
    if (!address || !kept || !isAllowed) throw notFound(uri);
    if (monitor.isActive) {
      const { server, tool, label } = kept;
      // It is from a time when nobody was asked about its server.
      if (!label) throw notFound(uri);
      await monitor.again({ server, agent, tool, label, script });
    }
    // Whoever waited for the monitor may find it gone.
    const text = await store.read(kept).catch(() => {
      throw notFound(uri);
    });
    return address.query === undefined ? partOf(text, kept, address) : found(text, kept, address.query);
  }

  /** The same as the result of `resources/read`. */
  async resource(uri: string, exchange: Exchange, endpoint: Endpoint): Promise<OwnRoute> {
    const { server, note, ...part } = await this.read(uri, exchange, endpoint);
    const notes = note === undefined ? [] : [{ uri, mimeType: 'text/plain', text: note }];
    return { kind: 'own', server, result: ObjectText.from({ contents: [{ uri, ...part }, ...notes] }) };
  }
}

const WRONG_ADDRESS =
  'Invalid params: the address of a kept answer is lockgate://answers/<id>, and after it there may stand ?query=<JMESPath>, or ?offset=<bytes>&length=<bytes>';

function partOf(text: Buffer, kept: KeptAnswer, { offset = 0, length = text.length }: KeptAddress): KeptPart {
  const { server } = kept;
  const { part, end } = byteRange(text, offset, length);
  const mimeType = part.length === text.length ? mimeTypeOf(kept) : 'text/plain';
  const whole = { server, text: part.toString('utf8'), mimeType };
  if (end >= text.length) return whole;
  const next = `${keptUri(kept.id)}?offset=${end}&length=${length}`;
  return { ...whole, note: `[Up to byte ${end} of ${text.length}. Next: ${next}]` };
}

function found(text: Buffer, kept: KeptAnswer, query: string): KeptPart {
  const { server } = kept;
  if (!kept.isJson) throw wrongQuery('is for JSON, and this answer is none; read it by offset and length');
  try {
    const value = new Query(query).find(parseExactly(text.toString('utf8')), text.length);
    return { server, text: JSON.stringify(value) ?? 'null', mimeType: 'application/json' };
  } catch (error) {
    if (error instanceof QueryError) throw wrongQuery(error.message);
    throw error;
  }
}

function wrongQuery(problem: string): RpcError {
  return RpcError.of(RpcCode.invalidParams, `Invalid params: the query ${problem}`);
}

function notFound(uri: string): RpcError {
  return RpcError.of(RpcCode.invalidParams, `Resource not found: ${uri}`, { uri });
}
