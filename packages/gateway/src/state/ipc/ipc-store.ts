import { parseJson } from '../../json.ts';
import type { Logger } from '../../logger.ts';
import type { LinkError, ProcessLink } from '../../process-link.ts';
import { Channels } from '../channels.ts';
import { StateError } from '../state-error.ts';
import type { ChannelListener, Revision, StateStore, Stored, Swap, Unsubscribe, Write } from '../state-store.ts';
import { mustBeTtl, toStoredJson } from '../stored-json.ts';
import type { IpcAnswer, IpcStored, IpcWrite } from './ipc-store-host.ts';

/** State that the processes of one gateway share: it is in another process of this machine, which outlives this one. */
export class IpcStore implements StateStore {
  readonly isShared = true;
  /** Where that process ends, this one does. */
  readonly lives = 1;
  readonly #link: ProcessLink;
  readonly #channels: Channels;
  /** How many listen here to each channel that is listened to there, and from when on. */
  readonly #heard = new Map<string, { listeners: number; readonly begun: Promise<unknown> }>();
  #closed = false;

  constructor(link: ProcessLink, logger: Logger) {
    this.#link = link;
    this.#channels = new Channels(logger);
  }

  async get(key: string): Promise<Stored | undefined> {
    return toStored((await this.#ask('get', [key])) as IpcStored | null);
  }

  async put(key: string, write: Write): Promise<void> {
    await this.#ask('put', [key, toIpc(write)]);
  }

  async compareAndSet(key: string, expected: Revision | undefined, write: Write | undefined): Promise<Swap> {
    const asked = [key, expected ?? null, write ? toIpc(write) : null];
    const [swapped, current] = (await this.#ask('compareAndSet', asked)) as [boolean, IpcStored | null];
    return { swapped, current: toStored(current) };
  }

  async expire(key: string, ttlMs: number): Promise<boolean> {
    this.#mustBeOpen();
    mustBeTtl(ttlMs);
    return (await this.#ask('expire', [key, ttlMs])) === true;
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#ask('delete', [key])) === true;
  }

  async publish(channel: string, message: unknown): Promise<boolean> {
    this.#mustBeOpen();
    return (await this.#ask('publish', [channel, toStoredJson(message)])) === true;
  }

  async subscribe(channel: string, listener: ChannelListener): Promise<Unsubscribe> {
    this.#mustBeOpen();
    const heard = this.#heard.get(channel) ?? { listeners: 0, begun: this.#ask('subscribe', [channel]) };
    this.#heard.set(channel, heard);
    heard.listeners += 1;
    const end = this.#channels.add(channel, listener);
    let isOver = false;
    const leave = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      end();
      heard.listeners -= 1;
      if (heard.listeners > 0 || this.#heard.get(channel) !== heard) return;
      this.#heard.delete(channel);
      // Where it cannot be told, the other process has ended, or hears nothing of this one.
      if (!this.#closed) await this.#ask('unsubscribe', [channel]).catch(() => undefined);
    };
    try {
      await heard.begun;
      return leave;
    } catch (error) {
      await leave();
      throw error;
    }
  }

  /** A message of a channel has come over the link. */
  heard([channel, json]: readonly [string, string]): void {
    this.#channels.deliver(channel, json);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#channels.clear();
    this.#heard.clear();
    this.#link.tell('state.leave', null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ask(operation: string, value: readonly unknown[]): Promise<unknown> {
    this.#mustBeOpen();
    let answer: IpcAnswer;
    const mayBeDone = this.#link.isOpen;
    try {
      answer = (await this.#link.ask('state', [operation, ...value])) as IpcAnswer;
    } catch (error) {
      throw new StateError({ kind: 'unreachable', reason: (error as LinkError).reason, mayBeDone }, { cause: error });
    }
    if ('problem' in answer) throw new StateError(answer.problem);
    return answer.value;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new StateError({ kind: 'closed' });
  }
}

function toIpc({ value, ttlMs }: Write): IpcWrite {
  if (ttlMs !== undefined) mustBeTtl(ttlMs);
  return [toStoredJson(value), ttlMs ?? null];
}

function toStored(found: IpcStored | null): Stored | undefined {
  return found ? { value: parseJson(found[0]), revision: found[1] } : undefined;
}
