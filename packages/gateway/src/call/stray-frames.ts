import { agentOf } from '../monitor/agent-key.ts';
import type { CallMonitor, FrameFacts } from '../monitor/call-monitor.ts';
import { notificationDownRule, notificationUpRule, requestDownRule } from '../monitor/channels.ts';
import type { Operation } from '../monitor/flow.ts';
import type { Label } from '../monitor/label.ts';
import type { Cancellation } from '../protocol/cancellation.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { Peer } from '../protocol/peer.ts';
import { answerThatMayBeSent, refusedQuestion } from './guarded-exchange.ts';
import { InOrder } from './in-order.ts';
import type { TaskOwners } from './task-owners.ts';

export interface StrayFramesOptions {
  readonly monitor: CallMonitor;
  readonly tasks: TaskOwners;
}

/** What the guard of a server is asked about a frame, and what else it may be about. */
type Asked = Pick<FrameFacts, 'tool' | 'args' | 'about'>;

const NEVER = new AbortController().signal;

/** The way through the monitor of every frame that belongs to no call, by the table of channels. */
export class StrayFrames {
  readonly #options: StrayFramesOptions;
  readonly #orders = new WeakMap<object, InOrder>();
  readonly #gone = new WeakSet<Peer>();

  constructor(options: StrayFramesOptions) {
    this.#options = options;
  }

  /** Whether there is anything to check. */
  get isActive(): boolean {
    return this.#options.monitor.isActive;
  }

  /** The client's session has ended: what is still on its way to it is not looked at, so that its labels are gone for good. */
  forget(peer: Peer): void {
    this.#gone.add(peer);
  }

  /**
   * A notification of a server.
   *
   * @param deliver - Sends it where it may be sent; of some only a part.
   * @param way - What is sent on one way arrives in order.
   */
  down(server: string, peer: Peer, message: Message, deliver: (message: Message) => void, way: object = peer): void {
    if (!this.isActive) {
      deliver(message);
      return;
    }
    const order = this.#orders.get(way) ?? new InOrder();
    this.#orders.set(way, order);
    const about = this.#options.monitor.workedOn(server);
    const isTaken = order.add(message, async (kept) => {
      const passed = await this.#given(server, peer, kept, about);
      if (passed) deliver(passed);
    });
    if (!isTaken) this.#dropped(server, peer, 'down', message.method);
  }

  /**
   * A question of a server.
   *
   * @throws RpcError that tells the server no more than that the question is not answered; the client's own; the reason of the cancellation.
   */
  async ask(server: string, peer: Peer, message: Message, cancellation: Cancellation): Promise<ObjectText> {
    if (!this.isActive) return peer.ask(message, cancellation);
    const { method } = message;
    if (requestDownRule(method) !== 'question') {
      this.#dropped(server, peer, 'down', method);
      throw refusedQuestion(message);
    }
    const asked = { tool: method, args: {}, about: this.#options.monitor.workedOn(server) };
    if (!(await this.#passes(server, peer, 'down', method, asked, 'read'))) throw refusedQuestion(message);
    return answerThatMayBeSent(message, peer.ask(message, cancellation), () =>
      this.#passes(server, peer, 'up', method, asked, 'write'),
    );
  }

  /** A notification of a client: what of it a server may be told. */
  async up(server: string, peer: Peer, message: Message): Promise<Message | undefined> {
    if (!this.isActive) return message;
    const { method, params = ObjectText.EMPTY } = message;
    const rule = notificationUpRule(method);
    switch (rule) {
      case 'bare':
        return { method, params: undefined };
      case 'write':
      case 'numbers': {
        const asked = { tool: method, args: params.toValue() };
        if (await this.#passes(server, peer, 'up', method, asked, 'write')) return message;
        return rule === 'numbers' ? numbersOf(message) : undefined;
      }
      case 'own':
        this.#dropped(server, peer, 'up', method);
        return undefined;
      default: {
        const unknown: never = rule;
        throw new TypeError(String(unknown));
      }
    }
  }

  /**
   * An address that a client names to a server beside a call.
   *
   * @throws GATEWAY_FLOW_DENIED, GATEWAY_GUARD_FAILED, GATEWAY_STATE; the reason of the cancellation.
   */
  async address(
    server: string,
    peer: Peer,
    uri: string,
    checks: 'write' | 'read-write',
    cancellation: Cancellation,
  ): Promise<void> {
    const method = 'resources/subscribe';
    const asked = { tool: method, args: { uri } };
    const facts = factsOf(server, peer, 'up', method, asked, checks);
    await this.#options.monitor.frame({ ...facts, isAsked: true, signal: cancellation.signal });
  }

  /** Whether a server may be told what a client says of itself: on a connection of its own it may introduce itself at any time. */
  async mayIntroduce(server: string, peer: Peer): Promise<boolean> {
    if (!this.isActive) return true;
    const method = 'initialize';
    return await this.#passes(server, peer, 'up', method, { tool: method, args: {} }, 'write');
  }

  /** What of a notification of a server the client may be given. */
  async #given(server: string, peer: Peer, message: Message, about: readonly Label[]): Promise<Message | undefined> {
    const { method, params = ObjectText.EMPTY } = message;
    const rule = notificationDownRule(method);
    const mayRead = (asked: Asked): Promise<boolean> =>
      this.#passes(server, peer, 'down', method, { ...asked, about }, 'read');
    switch (rule) {
      case 'bare':
        return { method, params: undefined };
      case 'contents':
        return (await mayRead({ tool: method, args: {} })) ? message : undefined;
      case 'address': {
        const uri = params.text('uri') ?? '';
        if (!(await mayRead({ tool: 'resources/read', args: { uri } }))) return undefined;
        // A guard has said what is behind the address, and nothing of what else may stand beside it.
        return this.#options.monitor.readsContents(server) ? { method, params: ObjectText.from({ uri }) } : message;
      }
      case 'task': {
        const taskId = params.text('taskId');
        const call = await this.#options.tasks.callOf(taskId, server, peer);
        return (await mayRead(call ?? { tool: method, args: { taskId } })) ? message : undefined;
      }
      case 'own':
        this.#dropped(server, peer, 'down', method);
        return undefined;
      default: {
        const unknown: never = rule;
        throw new TypeError(String(unknown));
      }
    }
  }

  async #passes(
    server: string,
    peer: Peer,
    direction: 'up' | 'down',
    method: string,
    asked: Asked,
    checks: Operation,
  ): Promise<boolean> {
    if (this.#gone.has(peer)) return false;
    try {
      await this.#options.monitor.frame(factsOf(server, peer, direction, method, asked, checks));
      return true;
    } catch {
      return false; // the monitor has told of it
    }
  }

  #dropped(server: string, peer: Peer, direction: 'up' | 'down', method: string): void {
    this.#options.monitor.dropped({ server, agent: agentOf(peer), channel: { direction, method } });
  }
}

function factsOf(
  server: string,
  peer: Peer,
  direction: 'up' | 'down',
  method: string,
  asked: Asked,
  checks: Operation,
): FrameFacts {
  const { caller, profile } = peer;
  return {
    server,
    agent: agentOf(peer),
    caller,
    profile,
    channel: { direction, method },
    ...asked,
    checks,
    signal: NEVER,
  };
}

/** Progress without words: under a token that is a number, as the tokens of nearly all servers are. */
function numbersOf({ method, params }: Message): Message | undefined {
  const numbers = ['progressToken', 'progress', 'total'].flatMap((key) => {
    const value = params?.value(key);
    return typeof value === 'number' ? [[key, value] as const] : [];
  });
  const said: Record<string, number> = Object.fromEntries(numbers);
  return said.progressToken === undefined ? undefined : { method, params: ObjectText.from(said) };
}
