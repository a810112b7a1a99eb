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
import { ApprovalDeniedError, ApprovalError, ApprovalNeededError } from './approval-error.ts';
import { canonicalJson } from './canonical-json.ts';
import { visible } from './hidden-characters.ts';
import type { ApprovalDesk, WaitingApproval } from './waiting-approval.ts';

/** How long a question waits, and an approval holds, in milliseconds. */
export const APPROVAL_MS: number = 5 * 60_000;

/** Calls of one principal, and of all, that may wait at a time. */
const MAX_OF_ONE = 50;
const MAX_WAITING = 1_000;

/** Characters of arguments that are shown. */
const SHOWN = 2_000;

export interface ApprovalsOptions {
  readonly logger: Logger;
  readonly redact: Redact;
  /** Milliseconds that only go up. */
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

interface Waiting {
  readonly id: string;
  readonly binding: string;
  readonly rule: ApprovalRule;
  readonly facts: Omit<WaitingApproval, 'id' | 'state' | 'expiresInMs'>;
  state: WaitingApproval['state'];
  expiresAt: number;
}

/**
 * Calls that are made once somebody has allowed them. An approval holds for one call: of this principal and client, of this tool as it is pinned now, with
 * these arguments, under these rules. It is taken before anything is sent, so that of two calls one is made.
 */
export class Approvals implements ApprovalDesk {
  readonly #options: ApprovalsOptions;
  #rules: readonly ApprovalRule[] = [];
  #version = '';
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: ApprovalsOptions) {
    this.#options = options;
  }

  /** Whether any call needs one. */
  get isActive(): boolean {
    return this.#rules.length > 0;
  }

  /** Other rules from now on; what was approved under the ones before counts no longer. */
  replace(rules: readonly ApprovalRule[]): void {
    const version = sha256(JSON.stringify(rules));
    if (version === this.#version) return;
    this.#rules = rules;
    this.#version = version;
    this.#waiting.clear();
  }

  /** Whether a call of this tool may come back to its client with a question. */
  asksClient(server: string, tool: string, peer: Peer): boolean {
    return this.#ruleOf(server, tool)?.require === 'client' && canShowForms(peer);
  }

  /**
   * Lets a call pass, at once or after its client has been asked.
   *
   * @throws GATEWAY_APPROVAL_NEEDED, GATEWAY_APPROVAL_DENIED; GATEWAY_BAD_REQUEST where two readers may read two things in its arguments.
   */
  async pass(call: AskedCall, exchange: Exchange): Promise<void> {
    const rule = this.#ruleOf(call.server, call.tool);
    if (!rule) return;
    const bound = this.#bind(call, exchange.peer);
    if (rule.require === 'client' && canShowForms(exchange.peer)) await this.#askClient(bound.facts, exchange);
    else this.#take(bound, rule);
  }

  list(): readonly WaitingApproval[] {
    this.#forget();
    return [...this.#waiting.values()].map((one) => this.#told(one));
  }

  decide(id: string, verdict: 'approve' | 'deny', by: string): WaitingApproval {
    this.#forget();
    const found = this.#waiting.get(id);
    if (found?.state !== 'waiting') throw new ApprovalError('No call of this id waits to be approved, or no longer.');
    if (verdict === 'approve' && found.rule.otherThanRequester && by === found.facts.principal)
      throw new ApprovalError('Somebody else than who asked for this call has to approve it.');
    found.state = verdict === 'approve' ? 'approved' : 'denied';
    found.expiresAt = this.#options.now() + APPROVAL_MS;
    const { principal, server, tool, argumentsDigest } = found.facts;
    this.#options.logger.info({ id, principal, server, tool, argumentsDigest, verdict, by }, 'a call was decided on');
    return this.#told(found);
  }

  #ruleOf(server: string, tool: string): ApprovalRule | undefined {
    return this.#rules.find(({ tools }) => tools.some((pattern) => matchesItem(pattern, server, tool)));
  }

  /** Nothing is waited for between the look and the removal: of two that come at once, one finds it. */
  #take({ binding, facts }: Pick<Waiting, 'binding' | 'facts'>, rule: ApprovalRule): void {
    this.#forget();
    const { principal, server, tool, argumentsDigest } = facts;
    const { now, logger } = this.#options;
    const known = [...this.#waiting.values()].filter((one) => one.facts.principal === principal);
    const found = known.find((one) => one.binding === binding);
    if (found?.state === 'approved') {
      this.#waiting.delete(found.id);
      logger.info({ id: found.id, principal, server, tool, argumentsDigest }, 'a call that was approved is made');
      return;
    }
    if (found?.state === 'denied') throw new ApprovalDeniedError({ tool, server, why: 'an operator has denied it' });
    if (found) throw new ApprovalNeededError({ tool, server, id: found.id });
    if (known.length >= MAX_OF_ONE || this.#waiting.size >= MAX_WAITING)
      throw new ApprovalDeniedError({ tool, server, why: 'too many calls wait to be approved already' });
    const id = randomUUID();
    this.#waiting.set(id, { id, binding, rule, facts, state: 'waiting', expiresAt: now() + APPROVAL_MS });
    logger.info({ id, principal, server, tool, argumentsDigest }, 'a call waits to be approved: lockgate approvals');
    throw new ApprovalNeededError({ tool, server, id });
  }

  /** What a client answers is the client's word, and for this one call. Whatever is no clear yes is a no. */
  async #askClient({ principal, server, tool, arguments: args }: Waiting['facts'], exchange: Exchange): Promise<void> {
    const params = ObjectText.from({
      ...(exchange.peer.era === 'modern' && { mode: 'form' }),
      message: `May the tool "${visible(tool)}" of "${server}" be called with these arguments?\n\n${args}`,
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

  #bind({ server, tool, params }: AskedCall, { caller, clientInfo }: Peer): Pick<Waiting, 'binding' | 'facts'> {
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
    ]);
    const shown = visible(this.#options.redact(args));
    return {
      binding,
      facts: {
        principal: caller.name,
        ...(client !== undefined && { client: visible(client) }),
        server,
        tool,
        arguments: shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown,
        argumentsDigest,
      },
    };
  }

  #forget(): void {
    const now = this.#options.now();
    for (const [id, { expiresAt }] of this.#waiting) if (expiresAt <= now) this.#waiting.delete(id);
  }

  #told({ id, facts, state, expiresAt }: Waiting): WaitingApproval {
    return { id, ...facts, state, expiresInMs: Math.ceil(expiresAt - this.#options.now()) };
  }
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
