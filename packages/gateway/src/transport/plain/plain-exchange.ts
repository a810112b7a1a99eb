import type { Socket } from 'node:net';
import type { AnswerHandler, Sending, SentRequest } from '../sender.ts';
import { ChunkedBody } from './chunked-body.ts';
import { leftToNode } from './left-to-node.ts';
import { type AnswerHead, readAnswerHead } from './read-answer-head.ts';

/** The connection on which an exchange goes on. */
export interface ExchangeConnection {
  lastHead: AnswerHead | undefined;
  pause(): void;
  resume(): void;
  /** The exchange is over, and with it the connection. */
  end(): void;
  /** The exchange is over; the connection may be used again for so many milliseconds. */
  over(keptMs: number): void;
  /** Gives the socket away. */
  release(): Socket;
}

/** One request and the reading of its answer. */
export class PlainExchange implements Sending {
  /** May be another one until the request has been written. */
  connection: ExchangeConnection;
  readonly #method: SentRequest['method'];
  readonly #handler: AnswerHandler;
  #head: AnswerHead | undefined;
  /** What is missing of a body whose length is known. */
  #missing = 0;
  #chunked: ChunkedBody | undefined;
  #isOver = false;
  /** Where Node reads the answer. */
  #left: Sending | undefined;

  constructor(connection: ExchangeConnection, method: SentRequest['method'], handler: AnswerHandler) {
    this.connection = connection;
    this.#method = method;
    this.#handler = handler;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#left) this.#left.abort();
    else this.connection.end();
  }

  /** Once it is over, the connection may be another's. */
  pause(): void {
    if (!this.#isOver) (this.#left ?? this.connection).pause();
  }

  resume(): void {
    if (!this.#isOver) (this.#left ?? this.connection).resume();
  }

  fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.onError(error);
  }

  read(bytes: Buffer): void {
    if (this.#head) {
      this.#body(bytes, 0, this.#head);
      return;
    }
    const { connection } = this;
    const head = readAnswerHead(bytes, connection.lastHead);
    if (!head) {
      this.#left = leftToNode(connection.release(), this.#method, bytes, this.#handler);
      return;
    }
    connection.lastHead = head;
    this.#head = head;
    if (head.bodyLength === undefined) this.#chunked = new ChunkedBody();
    else this.#missing = head.bodyLength;
    this.#handler.onHead(head.status, head.headers);
    this.#body(bytes, head.bytes.length, head);
  }

  #body(bytes: Buffer, from: number, head: AnswerHead): void {
    const end = this.#chunked ? this.#chunks(this.#chunked, bytes, from) : this.#plain(bytes, from);
    if (this.#isOver || !(this.#chunked ? this.#chunked.isWhole : this.#missing === 0)) return;
    this.#isOver = true;
    // More than was asked for: whose it is, nobody can know.
    this.connection.over(end < bytes.length ? 0 : head.keptMs);
    this.#handler.onEnd();
  }

  #plain(bytes: Buffer, from: number): number {
    const end = Math.min(bytes.length, from + this.#missing);
    this.#missing -= end - from;
    if (!this.#isOver && end > from)
      this.#handler.onData(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end));
    return end;
  }

  #chunks(chunked: ChunkedBody, bytes: Buffer, from: number): number {
    if (this.#isOver) return from;
    try {
      return chunked.read(bytes, from, this.#take);
    } catch (error) {
      this.connection.end();
      this.fail(error as Error);
      return bytes.length;
    }
  }

  readonly #take = (part: Buffer): boolean => {
    this.#handler.onData(part);
    return !this.#isOver;
  };
}
