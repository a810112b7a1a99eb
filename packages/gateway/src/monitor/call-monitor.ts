import type { FrameOrigin } from '../protocol/exchange.ts';
import type { Caller } from '../protocol/peer.ts';
import type { AgentKey } from './agent-key.ts';
import type { Channel } from './decision.ts';
import type { Operation } from './flow.ts';
import type { Label } from './label.ts';

/** One call as the reference monitor sees it. Resources and prompts come as the tools `resources/read` and `prompts/get`. */
export interface CallFacts {
  readonly server: string;
  readonly agent: AgentKey;
  /** Whose it is, as servers know it that each caller logs in to. @default a guard asks such servers nothing */
  readonly caller?: Caller | undefined;
  /** The profile whose endpoint it came by: its mode holds there, where it is the stricter. @default none */
  readonly profile?: string | undefined;
  readonly tool: string;
  readonly args: unknown;
  readonly signal: AbortSignal;
  /** It brings answers to what an earlier leg was asked: sending it is a write, whatever the guard calls the tool. @default false */
  readonly isAnswer?: boolean;
  /** The run of a script that calls: what it was given counts in its later calls, and in what is kept under this object. */
  readonly script?: object | undefined;
  /**
   * Asked right before the call goes to its server, with the secrecy that goes with it: what its agent carries where the call writes, and nothing with a read.
   * What it throws stops the call. It may be asked twice, and waits for nothing.
   */
  readonly onSend?: ((leaving: ReadonlySet<string>) => void) | undefined;
  /** Told when a part of the answer is withheld. */
  readonly onFiltered?: () => void;
  /** Told the label of what is given, before it is. */
  readonly onGiven?: (label: Label) => void;
}

/** What an agent was given before, and asks for again. */
export interface GivenFacts {
  readonly server: string;
  readonly agent: AgentKey;
  readonly tool: string;
  /** Of what it was given. */
  readonly label: Label;
  /** The run of a script that asks. */
  readonly script?: object | undefined;
}

/** A frame that belongs to no call. What the guard is asked about it is the tool and the arguments. */
export interface FrameFacts extends CallFacts {
  readonly channel: Channel;
  /** What passing it means for its agent, whatever the guard says of the operation. */
  readonly checks: Operation;
  /** The agent asks the server for something, as with a call: its guard grants what it grants. @default false */
  readonly isAsked?: boolean;
  /** What its server worked on when it came, as `workedOn` said: calls may end while the frame waits for its turn. @default none */
  readonly about?: readonly Label[];
}

/** What passes between the two sides of a call beside the call and its result. */
export interface CallFrames {
  /**
   * Whether the server may be sent what no guard has seen of the call, such as `_meta`, by the labels that the call was checked with. The arguments of
   * a read are the guard's to judge; the rest is a write as everything else.
   */
  readonly maySayMore: boolean;
  /**
   * Whether the agent may be given what belongs to the call, as its labels are now. In propagate mode it is in them before this resolves.
   *
   * @param origin - `shared` where it may be about another call, even one that has ended: the guard is asked about the method then.
   * @param about - What the server worked on when it came, as `workedOn` said.
   */
  mayRead(method: string, origin: FrameOrigin, about: readonly Label[]): Promise<boolean>;
  /**
   * Whether it may be asked by the server, which is a read as well.
   *
   * @param origin - `shared` where it may be about any call that the agent has made at the server, and any that runs there.
   * @param about - What the server worked on when it asked, as `workedOn` said.
   */
  mayAsk(method: string, origin: FrameOrigin, about: readonly Label[]): Promise<boolean>;
  /** What the server works on now: what it says of no call in particular may be about each of these. */
  workedOn(): readonly Label[];
  /** Whether the answer to a question of the server may be sent: all phases before a call again. Where not, the call is denied when it ends. */
  mayWrite(method: string): Promise<boolean>;
  /** A frame that no rule lets pass. */
  dropped(method: string): void;
}

/** The reference monitor as the pipeline knows it: every call of a server, and every frame beside the calls, passes it. */
export interface CallMonitor {
  /** Whether any call is looked at: some server has a guard, a policy or a call limit. */
  readonly isActive: boolean;
  /** Whether a guard decides by what is in the calls of this server, so that no two readers may read them differently. */
  readsContents(server: string): boolean;
  /** Lets the call through or throws; gives of its answer what may be given. */
  guarded<T extends object>(call: CallFacts, proceed: (frames: CallFrames) => Promise<T>): Promise<T>;
  /**
   * Lets an agent have what a script of its own has made of all that it was given; it is no more then.
   *
   * @throws GATEWAY_FLOW_DENIED where the agent may not read that any longer.
   */
  giveResult(agent: AgentKey, script: object): Promise<void>;
  /** Lets an agent read again what it was given, where its labels of now still allow it, or throws. */
  again(given: GivenFacts): Promise<void>;
  /** What a server works on now: what it says of no call in particular may be about each of these. */
  workedOn(server: string): readonly Label[];
  /** Lets a frame without a call through or throws. */
  frame(frame: FrameFacts): Promise<void>;
  /** A frame that no rule lets pass, or that came when too many waited. */
  dropped(frame: Pick<FrameFacts, 'server' | 'agent' | 'channel'>): void;
}
