import { setTimeout as pause } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { OwnStream } from './own-stream.ts';
import { toldWhenCut } from './told-when-cut.ts';

const KINDS = ['plain', 'progress', 'question', 'subscription'] as const;
type Kind = (typeof KINDS)[number];
type Era = 'legacy' | 'modern';

export interface Counts {
  right: number;
  wrong: number;
  lost: number;
  refused: number;
}

export interface ReplicasRun {
  readonly seconds: number;
  readonly kinds: Readonly<Record<string, Counts>>;
  /** How often each reason was told, most first. */
  readonly refused: readonly (readonly [string, number])[];
}

/** A call that is not answered by then is lost. */
const PATIENCE_MS = 60_000;

/** An answer that is not the one of its call. */
class WrongAnswer extends Error {}
class LostCall extends Error {}

/**
 * Makes calls by so many clients at the same time, half of each era.
 *
 * @param goesOn - Asked before each call.
 */
export async function runReplicas(url: string, clients: number, goesOn: () => boolean): Promise<ReplicasRun> {
  const kinds: Record<string, Counts> = {};
  const refused = new Map<string, number>();
  const started = performance.now();
  const work = async (index: number): Promise<void> => {
    const era: Era = index % 2 === 0 ? 'legacy' : 'modern';
    const caller = new Caller(url, era, `client${index}`);
    for (let turn = index; goesOn(); turn += 1) {
      const kind = kindOf(turn, era);
      kinds[`${era} ${kind}`] ??= { right: 0, wrong: 0, lost: 0, refused: 0 };
      const counts = kinds[`${era} ${kind}`] as Counts;
      try {
        await caller.call(kind);
        counts.right += 1;
      } catch (error) {
        if (error instanceof WrongAnswer) {
          counts.wrong += 1;
          console.log(`wrong: ${error.message}`);
        } else if (error instanceof LostCall) {
          counts.lost += 1;
          console.log(`lost: ${error.message}`);
        } else {
          counts.refused += 1;
          const reason = `${kind}: ${reasonOf(error as Error)}`;
          refused.set(reason, (refused.get(reason) ?? 0) + 1);
          await caller.leave();
        }
      }
    }
    await caller.leave();
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => work(index)));
  const seconds = (performance.now() - started) / 1_000;
  return { seconds, kinds, refused: [...refused].sort(([, one], [, other]) => other - one) };
}

/** Of twenty calls eight are plain, five with progress, five with a question, two with a subscription; modern clients make plain ones of these. */
function kindOf(turn: number, era: Era): Kind {
  const at = turn % 20;
  if (at < 8) return 'plain';
  if (at < 13) return 'progress';
  return at < 18 || era === 'modern' ? (at < 18 ? 'question' : 'plain') : 'subscription';
}

/** One client, which begins anew where what it had is gone. */
class Caller {
  readonly #url: string;
  readonly #era: Era;
  readonly #name: string;
  readonly #updated = new Map<string, () => void>();
  #client: Client | undefined;
  /** The session's own stream. */
  #own = new OwnStream();
  #turns = 0;
  /** Ends the call of now. */
  #cut: (reason: Error) => void = () => {};

  constructor(url: string, era: Era, name: string) {
    this.#url = url;
    this.#era = era;
    this.#name = name;
  }

  /** @throws WrongAnswer, LostCall; what the gateway or nginx refuses it with. */
  async call(kind: Kind): Promise<void> {
    const token = `${this.#name}-${++this.#turns}`;
    const lost = Promise.withResolvers<never>();
    this.#cut = lost.reject;
    const timer = setTimeout(
      () => lost.reject(new LostCall(`${kind} of ${token}, whose own stream ${this.#own}`)),
      PATIENCE_MS,
    );
    try {
      await Promise.race([this.#make(kind, token), lost.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async leave(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close().catch(() => {});
  }

  async #make(kind: Kind, token: string): Promise<void> {
    this.#client ??= await this.#connect();
    const client = this.#client;
    switch (kind) {
      case 'plain':
        return mustBe(await textOf(client, 'b__echo', token), token);
      case 'progress': {
        const heard: number[] = [];
        const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
        mustBe(await textOf(client, 'b__progress', token, { onprogress }), token);
        return mustBe(heard.join(), '1,2,3');
      }
      case 'question':
        return mustBe(await textOf(client, 'b__ask', token), `${token}:${this.#name}`);
      default: {
        // What is told of before there is a stream to tell it on may be dropped.
        await this.#own.opened;
        const uri = `bench://${token}`;
        const updated = new Promise<void>((resolve) => this.#updated.set(uri, resolve));
        await client.subscribeResource({ uri });
        mustBe(await textOf(client, 'b__touch', uri), uri);
        await updated;
        this.#updated.delete(uri);
        await client.unsubscribeResource({ uri });
      }
    }
  }

  async #connect(): Promise<Client> {
    const mode = this.#era === 'modern' ? 'auto' : 'legacy';
    const options = { capabilities: { elicitation: {} }, versionNegotiation: { mode } } as const;
    const client = new Client({ name: this.#name, version: '1' }, options);
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { said: this.#name } }));
    client.setNotificationHandler('notifications/resources/updated', ({ params: { uri } }) => {
      this.#updated.get(uri)?.();
    });
    const own = new OwnStream();
    this.#own = own;
    const watched = async (asked: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const response = await delivered(asked, init);
      if (isOfOwnStream(init)) return own.watched(response);
      // A legacy client takes up a stream where it broke; a modern one has nothing to take it up with.
      const isWhole = this.#era === 'legacy' || init?.method !== 'POST';
      return isWhole ? response : toldWhenCut(response, () => this.#cut(new Error('the stream of the answer was cut')));
    };
    await client.connect(new StreamableHTTPClientTransport(new URL(this.#url), { fetch: watched }));
    return client;
  }
}

/** Whether the session's own stream is asked for, and not the one of a call that was cut: only its events tell of a call, with a dot. */
function isOfOwnStream(init: RequestInit | undefined): boolean {
  return init?.method === 'GET' && new Headers(init.headers).get('last-event-id')?.includes('.') !== true;
}

/** What a client says to a question may be sent again, and is where a gateway was killed on its way: the call waits for it. */
async function delivered(asked: string | URL | Request, init?: RequestInit): Promise<Response> {
  const isAnswer = typeof init?.body === 'string' && !init.body.includes('"method"');
  let response = await fetch(asked, init);
  for (let again = 0; isAnswer && response.status === 502 && again < 5; again++) {
    await pause(200);
    response = await fetch(asked, init);
  }
  return response;
}

async function textOf(client: Client, name: string, token: string, options = {}): Promise<string> {
  const { content, isError } = (await client.callTool(
    { name, arguments: { token } },
    { ...options, timeout: 2 * PATIENCE_MS },
  )) as { content: readonly { text?: string }[]; isError?: boolean };
  const text = content.map((block) => block.text ?? '').join('');
  if (isError) throw new Error(text);
  return text;
}

function mustBe(got: string, expected: string): void {
  if (got !== expected) throw new WrongAnswer(`${got} where ${expected} was to come`);
}

/** Without what differs from call to call. */
function reasonOf({ message, cause }: Error): string {
  const because = cause instanceof Error ? ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})` : '';
  return `${message
    .replace(/<[^>]*>/g, ' ')
    .replace(/client\d+-\d+/g, '…')
    .replace(/\s+/g, ' ')
    .slice(0, 160)}${because}`;
}
