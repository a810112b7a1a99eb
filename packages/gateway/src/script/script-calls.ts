import type { Endpoint } from '../call/endpoint.ts';
import type { OwnToolCall } from '../call/own-tools/own-tool.ts';
import { UnknownNameError } from '../errors.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { MetaKey } from '../protocol/era.ts';
import { type Exchange, openExchange, type ScriptIdentity } from '../protocol/exchange.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import { RpcError } from '../protocol/rpc-error.ts';
import { shortened } from '../shortened.ts';
import { declarationOf } from './declaration.ts';
import type { FromThread } from './thread-messages.ts';

/** Answers a request on the way of every request. */
export type AnswerWithin = (exchange: Exchange, endpoint: Endpoint) => Promise<ObjectText>;

export interface ScriptCallsOptions {
  readonly script: ScriptIdentity;
  /** The call of `run_script`. */
  readonly call: OwnToolCall;
  /** Ends with the script. */
  readonly cancellation: Cancellation;
  readonly answer: AnswerWithin;
}

type Ask = Extract<FromThread, { type: 'ask' }>;

const utf8 = new TextEncoder();

/** What one script asks for: each call is a request of the script's own caller, told to it by progress. */
export class ScriptCalls {
  readonly #options: ScriptCallsOptions;
  readonly #peer: Peer;
  #begun = 0;

  constructor(options: ScriptCallsOptions) {
    this.#options = options;
    const { peer } = options.call.exchange;
    // It finds tools as it was found, whatever the list has become meanwhile.
    const searching: Peer = { ...peer, caller: { ...peer.caller, discovery: 'search' } };
    // A modern client is asked by being answered with the questions, and there is nobody here to come back with answers.
    this.#peer = peer.era === 'modern' ? { ...searching, capabilities: ObjectText.EMPTY } : searching;
  }

  /** The answer as JSON. @throws an error whose words the script may have, and perhaps a `code`. */
  async answer({ what, name, json }: Ask): Promise<Uint8Array> {
    switch (what) {
      case 'call': {
        this.#tell(name);
        const given = ObjectText.EMPTY.withValue('tool', name).with('arguments', ObjectText.read(Buffer.from(json)));
        // What is configured for models would be in the way of a script, which takes out of it what it wants.
        const whole = given.withValue('answer', false);
        return bytesOf(await this.#request('execute', whole));
      }
      case 'search':
        return bytesOf(await this.#request('search', ObjectText.read(Buffer.from(json))));
      case 'types':
        return utf8.encode(JSON.stringify(await this.#types(name)));
      default: {
        const unknown: never = what;
        throw new TypeError(`A script cannot ask for ${String(unknown)}.`);
      }
    }
  }

  async #request(tool: string, args: ObjectText): Promise<ObjectText> {
    const { script, call, cancellation, answer } = this.#options;
    const { exchange, endpoint } = call;
    const { method, params = ObjectText.EMPTY } = exchange.message;
    const said = params.object('_meta')?.without('progressToken');
    const meta = said?.has(MetaKey.clientCapabilities) ? said.with(MetaKey.clientCapabilities, ObjectText.EMPTY) : said;
    const own = ObjectText.EMPTY.withValue('name', tool).with('arguments', args);
    const sent = meta ? own.with('_meta', meta) : own;
    const inner = openExchange({
      peer: this.#peer,
      id: exchange.id,
      message: { method, params: sent },
      byteLength: sent.byteLength,
      cancellation,
      wire: { notify: exchange.notify, ask: exchange.ask },
    });
    let result: ObjectText;
    try {
      result = await answer({ ...inner, script }, endpoint);
    } catch (error) {
      throw error instanceof RpcError ? inWords(error) : error;
    }
    if (result.text('resultType') === 'input_required') {
      throw new Error('The tool asks its caller something, which a script cannot answer. Call it with execute.');
    }
    return result;
  }

  async #types(name: string): Promise<string> {
    const { endpoint } = this.#options.call;
    const catalog = await endpoint.catalog(this.#peer);
    const found = catalog.tool(name);
    if (!found) throw new UnknownNameError({ kind: 'tool', asked: name });
    return declarationOf(name, found.item);
  }

  /** Says which call is about to run. */
  #tell(name: string): void {
    const { exchange } = this.#options.call;
    this.#begun += 1;
    if (!exchange.progressToken) return;
    const params = ObjectText.EMPTY.with('progressToken', exchange.progressToken)
      .withValue('progress', this.#begun)
      .withValue('message', shortened(name));
    exchange.notify({ method: 'notifications/progress', params });
  }
}

/** Bytes that belong to nobody else. */
function bytesOf(result: ObjectText): Uint8Array {
  return new Uint8Array(result.toBytes());
}

function inWords({ message, text }: RpcError): Error {
  return Object.assign(new Error(message), { code: text.object('data')?.text('code') });
}
