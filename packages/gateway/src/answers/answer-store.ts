import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { AnswerStoreSection } from '../config/answers-section.ts';
import type { Logger } from '../logger.ts';
import type { Label } from '../monitor/label.ts';
import { AnswerFolder } from './answer-folder.ts';
import { SealedFile } from './sealed-file.ts';

/** Whose answer it is, of what, and who may be given it. */
export interface AnswerFacts {
  /** The agent that was given the answer; nobody else is. */
  readonly owner: string;
  readonly server: string;
  /** As its server knows it. */
  readonly tool: string;
  /** Of what is kept; undefined where no monitor was asked. */
  readonly label: Label | undefined;
  readonly isJson: boolean;
}

/** An answer that is kept. */
export interface KeptAnswer extends AnswerFacts {
  readonly id: string;
  readonly byteLength: number;
}

interface Entry {
  readonly answer: KeptAnswer;
  readonly file: SealedFile;
  readonly expiresAt: number;
}

export interface AnswerStoreOptions extends AnswerStoreSection {
  /** Milliseconds that only go up. */
  readonly now: () => number;
  readonly logger: Logger;
  /** This gateway's name, where several share sessions: addresses say it. */
  readonly replica?: string | undefined;
}

/**
 * Answers that were too long to be given, in files, until their time is over, their session ends or newer ones of it need the room. A session never takes room
 * from another.
 */
export class AnswerStore {
  readonly #options: AnswerStoreOptions;
  readonly #folder: AnswerFolder;
  /** The oldest first, and so the first to expire. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #hasFailed = false;

  constructor(options: AnswerStoreOptions) {
    this.#options = options;
    this.#folder = new AnswerFolder(options.dir);
  }

  /** How long answers are kept, in milliseconds. */
  get keepMs(): number {
    return this.#options.keepMs;
  }

  /** Keeps an answer; undefined where there is no room for it, or it cannot be written. */
  async keep(text: string, facts: AnswerFacts): Promise<KeptAnswer | undefined> {
    const bytes = Buffer.from(text);
    const { replica } = this.#options;
    const random = randomBytes(16).toString('base64url');
    const id = replica === undefined ? random : `${replica}-${random}`;
    try {
      const folder = await this.#folder.path();
      this.#expire();
      if (this.#isClosed || !this.#makeRoom(bytes.length, facts.owner)) return undefined;
      const answer = { ...facts, id, byteLength: bytes.length };
      const file = new SealedFile(join(folder, id));
      // It takes its room before it is written, so that others who come meanwhile know of it.
      this.#entries.set(id, { answer, file, expiresAt: this.#options.now() + this.#options.keepMs });
      this.#bytes += bytes.length;
      await file.write(bytes);
      // Its session may have ended meanwhile, before there was a file to remove.
      if (!this.#entries.has(id)) await file.remove();
      this.#wake();
      return answer;
    } catch (err) {
      this.#drop(id);
      if (!this.#hasFailed) this.#options.logger.warn({ err }, 'long answers cannot be kept');
      this.#hasFailed = true;
      return undefined;
    }
  }

  /** What an owner was given under this id, if it is still there. */
  find(id: string, owner: string): KeptAnswer | undefined {
    this.#expire();
    const answer = this.#entries.get(id)?.answer;
    return answer?.owner === owner ? answer : undefined;
  }

  /** @throws an Error where it is gone, or not what was written. */
  async read({ id }: KeptAnswer): Promise<Buffer> {
    const entry = this.#entries.get(id);
    if (!entry) throw new Error('the answer is no longer kept');
    return entry.file.read();
  }

  /** Forgets what an owner was given. */
  forget(owner: string): void {
    this.#dropWhere((answer) => answer.owner === owner);
  }

  /** Forgets everything. */
  clear(): void {
    this.#dropWhere(() => true);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#entries.clear();
    await this.#folder.remove();
  }

  /** Whether there is room now. The oldest of the same owner make way. */
  #makeRoom(byteLength: number, owner: string): boolean {
    const { maxBytes, maxSessionBytes } = this.#options;
    if (byteLength > Math.min(maxBytes, maxSessionBytes)) return false;
    const own = [...this.#entries.values()].filter(({ answer }) => answer.owner === owner);
    let ofOwner = own.reduce((sum, { answer }) => sum + answer.byteLength, 0);
    const others = this.#bytes - ofOwner;
    if (others + byteLength > maxBytes) return false;
    for (const { answer } of own) {
      if (ofOwner + byteLength <= maxSessionBytes && others + ofOwner + byteLength <= maxBytes) break;
      this.#drop(answer.id);
      ofOwner -= answer.byteLength;
    }
    return true;
  }

  #dropWhere(isMeant: (answer: KeptAnswer) => boolean): void {
    for (const { answer } of this.#entries.values()) if (isMeant(answer)) this.#drop(answer.id);
  }

  #drop(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#bytes -= entry.answer.byteLength;
    void entry.file.remove();
  }

  #expire(): void {
    const now = this.#options.now();
    for (const [id, { expiresAt }] of this.#entries) {
      if (expiresAt > now) return;
      this.#drop(id);
    }
  }

  /** Files go when their time is over, also where nobody asks any more. */
  #wake(): void {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
      if (this.#entries.size > 0) this.#wake();
    }, this.#options.keepMs);
    this.#timer.unref();
  }
}
