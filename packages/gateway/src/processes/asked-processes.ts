import { notAvailable } from '../console/api-failure.ts';
import type { Visitor } from '../console/api-handler.ts';
import { VISITOR_HEADER, visitorHeader } from '../console/visitor-header.ts';
import { parseJson } from '../json.ts';
import { askSocket, type SocketAnswer, type SocketQuestion } from './ask-socket.ts';

/** One that serves now, and where it can be asked. */
export interface AskedProcess {
  readonly number: number;
  readonly socket: string;
}

/** What one of them has said. */
export interface Said<T> {
  readonly number: number;
  readonly value: T;
}

const API = '/console/api/';

/** How long one may take to say what it knows, in milliseconds: one that hangs must not keep the others from being shown. */
const KNOWN_MS = 5_000;

/** The processes that serve together, as they are asked for what the console shows of all. */
export class AskedProcesses {
  readonly #serving: () => readonly AskedProcess[];

  constructor(serving: () => readonly AskedProcess[]) {
    this.#serving = serving;
  }

  get serving(): readonly AskedProcess[] {
    return this.#serving();
  }

  /**
   * What each knows, by number; those are left out that do not say it in time, or know nothing of it.
   *
   * @param path - Below `/console/api/`.
   * @param of - For one of them alone, what is asked of it; undefined where that is nothing.
   * @throws ApiFailure where none says it: what the first has answered, or that none serves.
   */
  async all<T>(
    path: string | ((number: number) => string | undefined),
    question: Omit<SocketQuestion, 'path'> = {},
  ): Promise<readonly Said<T>[]> {
    const serving = this.serving.flatMap(({ number, socket }) => {
      const asked = typeof path === 'string' ? path : path(number);
      return asked === undefined ? [] : [{ number, socket, asked }];
    });
    const answers = await Promise.allSettled(
      serving.map(({ socket, asked }) => askSocket(socket, { answerMs: KNOWN_MS, ...question, path: API + asked })),
    );
    return answers.flatMap((answer, index) =>
      answer.status === 'fulfilled' && answer.value.status < 400
        ? [{ number: serving[index]?.number ?? 0, value: parseJson(answer.value.body) as T }]
        : [],
    );
  }

  /** As {@link all}. @throws ApiFailure where none says anything. */
  async some<T>(path: string, question: Omit<SocketQuestion, 'path'> = {}): Promise<readonly Said<T>[]> {
    const said = await this.all<T>(path, question);
    if (said.length === 0) throw noneServes();
    return said;
  }

  /**
   * Lets the first answer, or each, for somebody.
   *
   * @param path - As it was asked for, from `/console/api/` on.
   * @throws ApiFailure where none serves; an Error where one cannot be reached.
   */
  async pass(
    question: SocketQuestion,
    visitor: Visitor,
    whom: 'first' | 'each',
  ): Promise<readonly (SocketAnswer & { readonly number: number })[]> {
    const serving = whom === 'each' ? this.serving : this.serving.slice(0, 1);
    if (serving.length === 0) throw noneServes();
    const headers = { [VISITOR_HEADER]: visitorHeader(visitor) };
    return Promise.all(
      serving.map(async ({ number, socket }) => ({ number, ...(await askSocket(socket, { ...question, headers })) })),
    );
  }

  /** Tells each that a session of the console has ended. Never rejects. */
  async forget(visitor: Omit<Visitor, 'still'>): Promise<void> {
    const headers = { [VISITOR_HEADER]: visitorHeader(visitor) };
    await this.all('visitor', { method: 'DELETE', headers });
  }
}

function noneServes() {
  return notAvailable('No process of this gateway serves now', 'Look at its log');
}
