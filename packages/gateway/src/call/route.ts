import type { AnswerForm } from '../answers/answer-form.ts';
import type { ScriptIdentity } from '../protocol/exchange.ts';
import type { ObjectText } from '../protocol/frame/object-text.ts';
import type { Message } from '../protocol/message.ts';
import type { RoutedCall } from './routed-call.ts';
import type { Served } from './served.ts';

export interface CallRouteOptions {
  readonly served: Served;
  /** Servers that are asked in turn where the first does not know what is asked for. */
  readonly others?: readonly Served[];
  /** The request as the server is to get it. */
  readonly message: Message;
  /** What the monitor calls it. */
  readonly tool: string;
  readonly argumentsAt?: RoutedCall['argumentsAt'];
  /** What the guard is asked about in place of the request itself. */
  readonly asked?: RoutedCall['asked'];
  /** Whether carrying it out twice does no harm. @default true */
  readonly isRepeatable?: boolean;
  /** A failure on the gateway's side is an error result, for the model. @default false */
  readonly isToolCall?: boolean;
  /** What a later request must have in common with this one to go on with it; absent where it asks nothing. */
  readonly fingerprint?: string;
  /** The form in which the client gets the tool's answer. @default as it comes */
  readonly form?: AnswerForm;
  /** Promised by the tool. */
  readonly outputSchema?: ObjectText | undefined;
  /** Makes of the server's result what the client gets. */
  readonly rewrite?: (result: ObjectText) => Promise<ObjectText>;
}

/** A request that a server answers. */
export class CallRoute {
  readonly kind = 'call';
  readonly options: CallRouteOptions;

  constructor(options: CallRouteOptions) {
    this.options = options;
  }
}

/** Told what one of the gateway's own tools does. */
export interface ToldOfOwnTool {
  /** Which tool is really meant. */
  means(server: string, tool: string): void;
  /** That it runs a script. */
  runs(script: ScriptIdentity): void;
}

/** A request that one of the gateway's own tools answers, or routes anew. */
export class OwnToolRoute {
  readonly kind = 'own tool';
  readonly run: (told: ToldOfOwnTool) => Promise<Route>;

  constructor(run: (told: ToldOfOwnTool) => Promise<Route>) {
    this.run = run;
  }
}

/** Who answers a request: a server, or the gateway, which has answered it. */
export type Route = OwnRoute | CallRoute;

/** A request that the gateway has answered. */
export interface OwnRoute {
  readonly kind: 'own';
  readonly result: ObjectText;
  /** The server whose data it is, where it is any; the monitor has been asked about it. */
  readonly server?: string;
  /** What was really asked for, where the request names one of the gateway's own tools. */
  readonly target?: string;
}
