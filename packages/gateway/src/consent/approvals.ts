import { createHash, randomUUID } from 'node:crypto';
import type { ApprovalRule } from '../config/approvals-section.ts';
import { matchesItem } from '../config/item-patterns.ts';
import type { Redact } from '../config/secrets.ts';
import { BadRequestError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { Cancellation } from '../protocol/cancellation.ts';
import type { Exchange } from '../protocol/exchange.ts';
import { exactObject } from '../protocol/frame/exact-value.ts';
import { ObjectText } from '../protocol/frame/object-text.ts';
import type { Peer } from '../protocol/peer.ts';
import type { ApprovalRecord } from '../state/approval-record.ts';
import type { StateStore } from '../state/state-store.ts';
import { ApprovalDeniedError, ApprovalError, ApprovalNeededError } from './approval-error.ts';
import { canonicalJson } from './canonical-json.ts';
import { visible } from './hidden-characters.ts';
import type { ApprovalDesk, WaitingApproval } from './waiting-approval.ts';
import { APPROVAL_MS, WaitingCalls } from './waiting-calls.ts';

/** Characters of arguments that are shown. */
const SHOWN = 2_000;

export interface ApprovalsOptions {
  readonly logger: Logger;
  readonly redact: Redact;
  /** Where calls wait, for all gateways that share it. */
  readonly store: StateStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Names the definition of a tool that is approved now; undefined where tools are not pinned. */
  readonly pinOf: (server: string, tool: string) => string | undefined;
}

/** A call of a tool, as its server will get it. */
export interface AskedCall {
  readonly server: string;
  readonly tool: string;
  readonly params: ObjectText | undefined;
}

/** What a call is bound to, as the key of its record, and what people are shown of it. */
interface Bound {
  readonly key: string;
  readonly facts: Facts;
}

type Facts = Pick<
  ApprovalRecord,
  'principal' | 'client' | 'server' | 'tool' | 'arguments' | 'argumentsDigest' | 'leaving'
>;

/**
 * Calls that are made once somebody has allowed them. An approval holds for one call: of this principal and client, of this tool as it is pinned now, with
 * these arguments, under these rules. It is taken before anything is sent, so that of two calls one is made, also by two gateways.
 */
export class Approvals implements ApprovalDesk {
  readonly #options: ApprovalsOptions;
  #rules: readonly ApprovalRule[] = [];
  #version = '';
  readonly #waiting: WaitingCalls;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#waiting = new WaitingCalls(options.store);
  }

  /** Whether any call needs one. */
  get isActive(): boolean {
    return this.#rules.length > 0;
  }

  /** Other rules from now on; what was approved under the ones before counts no longer. */
  replace(rules: readonly ApprovalRule[]): void {
    this.#rules = rules;
    this.#version = sha256(JSON.stringify(rules));
  }

  /** Whether a call of this tool may come back to its client with a question. */
  asksClient({ server, tool }: Pick<AskedCall, 'server' | 'tool'>, peer: Peer): boolean {
    return canShowForms(peer) && this.rulesOf({ server, tool }, peer).some(({ require }) => require === 'client');
  }

  /** The rules of which the first one whose labels fit holds for a call, in their order. The last one may be for any labels, and no other. */
  rulesOf({ server, tool }: Pick<AskedCall, 'server' | 'tool'>, { caller }: Peer): readonly ApprovalRule[] {
    const means = ({ tools, roles }: ApprovalRule): boolean =>
      tools.some((pattern) => matchesItem(pattern, server, tool)) &&
      (!roles || roles.some((role) => caller.roles?.includes(role) === true));
    const found = this.#rules.filter(means);
    const last = found.findIndex(({ secrecy }) => !secrecy);
    return last === -1 ? found : found.slice(0, last + 1);
  }

  /**
   * Lets a call pass that a rule means, at once or after its client has been asked. Gives what undoes it, for a call that is not made after all: what an
   * operator has approved is approved then for as long as it was; a client is asked again.
   *
   * @param leaving - Tags of secrecy that leave with it, where the rule asks about them.
   * @throws GATEWAY_APPROVAL_NEEDED, GATEWAY_APPROVAL_DENIED; GATEWAY_BAD_REQUEST where two readers may read two things in its arguments; GATEWAY_STATE.
   */
  async pass(
    rule: ApprovalRule,
    call: AskedCall,
    exchange: Exchange,
    leaving?: readonly string[],
  ): Promise<() => Promise<void>> {
    const bound = this.#bind(call, exchange.peer, leaving);
    if (rule.require === 'client' && canShowForms(exchange.peer)) {
      await this.#askClient(bound.facts, exchange);
      return async () => {};
    }
    const taken = await this.#take(bound, rule);
    return () => this.#waiting.giveBack(bound.key, taken, Math.min(taken.until - this.#options.now(), APPROVAL_MS));
  }

  async list(): Promise<readonly WaitingApproval[]> {
    const all = await this.#waiting.all();
    return all.filter(({ policy }) => policy === this.#version).map((one) => this.#told(one));
  }

  async decide(id: string, verdict: 'approve' | 'deny', by: string): Promise<WaitingApproval> {
    const decided = await this.#waiting.decide(id, (call) => {
      if (call?.state !== 'waiting' || call.policy !== this.#version)
        throw new ApprovalError('No call of this id waits to be approved, or no longer.');
      if (verdict === 'approve' && call.otherThanRequester && by === call.principal)
        throw new ApprovalError('Somebody else than who asked for this call has to approve it.');
      const state = verdict === 'approve' ? 'approved' : 'denied';
      return { ...call, state, until: this.#options.now() + APPROVAL_MS };
    });
    const { principal, server, tool, argumentsDigest } = decided;
    this.#options.logger.info({ id, principal, server, tool, argumentsDigest, verdict, by }, 'a call was decided on');
    return this.#told(decided);
  }

  async #take({ key, facts }: Bound, { otherThanRequester }: ApprovalRule): Promise<ApprovalRecord> {
    const { principal, server, tool, argumentsDigest } = facts;
    const { now, logger } = this.#options;
    const policy = this.#version;
    for (;;) {
      const found = await this.#waiting.take(key);
      if (found?.state === 'approved') {
        logger.info({ id: found.id, principal, server, tool, argumentsDigest }, 'a call that was approved is made');
        return found;
      }
      if (found?.state === 'denied') throw new ApprovalDeniedError({ tool, server, why: 'an operator has denied it' });
      const id = found?.id ?? randomUUID();
      const until = now() + APPROVAL_MS;
      const added = found
        ? await this.#waiting.enlist(key, found)
        : await this.#waiting.add(key, { id, policy, ...facts, state: 'waiting', otherThanRequester, until });
      // Another gateway has let it wait a moment ago.
      if (added === 'there') continue;
      if (added === false || added === 'too many')
        throw new ApprovalDeniedError({ tool, server, why: 'too many calls wait to be approved already' });
      if (!found)
        logger.info(
          { id, principal, server, tool, argumentsDigest },
          'a call waits to be approved: lockgate approvals',
        );
      throw new ApprovalNeededError({ tool, server, id });
    }
  }

  /** What a client answers is the client's word, and for this one call. Whatever is no clear yes is a no. */
  async #askClient({ principal, server, tool, arguments: args, leaving }: Facts, exchange: Exchange): Promise<void> {
    const params = ObjectText.from({
      ...(exchange.peer.era === 'modern' && { mode: 'form' }),
      message: `May the tool "${visible(tool)}" of "${server}" be called with these arguments?${leavingSentence(leaving)}\n\n${args}`,
      requestedSchema: {
        type: 'object',
        properties: { allow: { type: 'boolean', title: 'Call it once', default: false } },
        required: ['allow'],
      },
    });
    const patience = Cancellation.within(exchange.cancellation);
    const timer = setTimeout(() => patience.cancel(new Error('nobody has answered in time')), APPROVAL_MS);
    timer.unref();
    let isAllowed = false;
    try {
      const answer = await exchange.ask({ method: 'elicitation/create', params }, patience);
      isAllowed = answer.text('action') === 'accept' && answer.object('content')?.value('allow') === true;
    } catch {
      isAllowed = false;
    } finally {
      clearTimeout(timer);
      patience.detach();
    }
    const verdict = isAllowed ? 'approve' : 'deny';
    this.#options.logger.info({ principal, server, tool, verdict, by: 'client' }, 'a call was decided on');
    if (!isAllowed) throw new ApprovalDeniedError({ tool, server, why: 'the user has not allowed it' });
  }

  #bind(
    { server, tool, params }: AskedCall,
    { caller, clientInfo }: Peer,
    leaving: readonly string[] | undefined,
  ): Bound {
    const args = argumentsText(params, tool);
    const argumentsDigest = sha256(args);
    const client = clientInfo?.text('name');
    const pin = this.#options.pinOf(server, tool);
    const binding = JSON.stringify([
      caller.name,
      caller.how,
      caller.profile,
      client,
      server,
      tool,
      argumentsDigest,
      pin,
      this.#version,
      leaving,
    ]);
    const shown = visible(this.#options.redact(args));
    return {
      key: sha256(binding),
      facts: {
        principal: caller.name,
        ...(client !== undefined && { client: visible(client) }),
        server,
        tool,
        arguments: shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown,
        argumentsDigest,
        ...(leaving && { leaving }),
      },
    };
  }

  #told(call: ApprovalRecord): WaitingApproval {
    const { id, principal, client, server, tool, arguments: args, argumentsDigest, leaving, state, until } = call;
    const expiresInMs = Math.min(Math.max(0, Math.ceil(until - this.#options.now())), APPROVAL_MS);
    return {
      id,
      principal,
      ...(client !== undefined && { client }),
      server,
      tool,
      arguments: args,
      argumentsDigest,
      ...(leaving && { leaving }),
      state,
      expiresInMs,
    };
  }
}

function leavingSentence(leaving: readonly string[] = []): string {
  return leaving.length === 0 ? '' : ` With it goes what was read of ${leaving.map(visible).join(', ')}.`;
}

/** Whether a client says that its user can be shown a form. Source: MCP specification, "Elicitation"; without modes it means forms. */
function canShowForms({ capabilities }: Peer): boolean {
  const elicitation = capabilities.object('elicitation');
  if (!elicitation) return false;
  const [mode] = elicitation.keys();
  return mode === undefined || elicitation.has('form');
}

function argumentsText(params: ObjectText | undefined, tool: string): string {
  if (!params?.has('arguments')) return '{}';
  try {
    const bytes = params.bytes('arguments') ?? Buffer.from('{}');
    return canonicalJson(exactObject(ObjectText.read(bytes, { unique: true })));
  } catch {
    throw new BadRequestError(`A call of ${tool} needs "arguments", an object in which no key comes twice.`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
