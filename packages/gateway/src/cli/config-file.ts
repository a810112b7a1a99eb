import { createHash } from 'node:crypto';
import { readFile, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { formatOf } from '../config/load.ts';
import { readTextFile } from '../config/read-text-file.ts';
import type { ResolvedConfig } from '../config/resolve.ts';
import { createRedactor } from '../config/secrets.ts';
import { encodeLike } from '../config/text-encoding.ts';
import { ApiFailure } from '../console/api-failure.ts';
import type { EditableText } from '../console/console-sources.ts';

/** A text that stands for a secret of the file while somebody edits it. */
const STANDS_FOR = /<<secret (\d+)>>/g;

/** What is left of one that was not put back as it was given out, and the mask that values are shown with. */
const IN_PLACE_OF_A_SECRET = /<<\s*secret\b|\bsecret\s*\d+\s*>>|(?<!\*)\*{8}(?!\*)/gi;

/** Secrets shorter than this are not told apart from other words. */
const SHORTEST = 6;

interface Change {
  /** What it comes to where nothing is written. */
  readonly unchanged: { readonly backup: string; readonly revision: string };
  write(): Promise<{ readonly backup: string; readonly revision: string }>;
  undo(): Promise<void>;
}

/** The file of a configuration, as somebody edits it in the console: without its secrets, and with what it was kept beside it. */
export class ConfigFile {
  readonly #path: string;
  /** What stands for which, since the text was given out last. */
  #secrets: readonly string[] = [];
  /** What was secret once stays so, wherever an edit has moved it. */
  readonly #known = new Set<string>();
  /** How often the file itself has what looks as if it stood for a secret, in a comment for example. */
  #lookalikes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The text with something else in place of its secrets; undefined where they cannot all be told apart. */
  async editable({ secrets }: ResolvedConfig): Promise<EditableText | undefined> {
    const { text, bytes } = await this.#read();
    // It could not be told from what stands for a secret.
    if (text.search(STANDS_FOR) !== -1) return undefined;
    for (const secret of secrets) this.#known.add(secret);
    // Most secrets came from variables and do not stand in the text. The longest first: one may be a part of another.
    const known = [...this.#known];
    const forms = known.filter((secret) => secret.length >= SHORTEST).flatMap((secret) => [secret, inJson(secret)]);
    const standing = [...new Set(forms)].filter((form) => text.includes(form)).sort((a, b) => b.length - a.length);
    let shown = text;
    for (const [index, form] of standing.entries()) shown = shown.replaceAll(form, `<<secret ${index + 1}>>`);
    if (createRedactor(known)(shown) !== shown) return undefined;
    this.#secrets = standing;
    this.#lookalikes = lookalikes(shown);
    return { text: shown, format: formatOf(this.#path), revision: this.#revisionOf(bytes) };
  }

  /** The text as it is meant. @throws ApiFailure for one that stands for no secret, or has a mask where a secret was. */
  async withSecrets(text: string): Promise<string> {
    if (lookalikes(text) > this.#lookalikes) {
      throw new ApiFailure(400, 'BAD_REQUEST', 'The text has a mask, or a changed "<<secret n>>", where a secret was', {
        remedy: 'Leave "<<secret n>>" as GET configuration gave it, or write the secret itself, or a variable',
      });
    }
    return text.replace(STANDS_FOR, (whole, number: string) => {
      const secret = this.#secrets[Number(number) - 1];
      if (secret !== undefined) return secret;
      throw new ApiFailure(400, 'BAD_REQUEST', `${whole} stands for no secret; read the configuration again`);
    });
  }

  /** Begins to change it. @throws ApiFailure where it is no longer what it was. */
  async begin(text: string, revision: string): Promise<Change> {
    const path = await realpath(this.#path);
    const before = await readFile(path);
    const now = this.#revisionOf(before);
    if (now !== revision) {
      throw new ApiFailure(409, 'CHANGED', 'The file has changed since it was read', {
        remedy: 'Read the configuration again, and make the change once more',
      });
    }
    const { mode } = await stat(path);
    const backup = `${path}.before-${now.slice(0, 8)}`;
    const put = async (bytes: Buffer): Promise<void> => {
      const beside = `${path}.new-${process.pid}`;
      try {
        await writeFile(beside, bytes, { mode });
        await rename(beside, path);
      } catch (error) {
        await unlink(beside).catch(() => {});
        throw error;
      }
    };
    const bytes = encodeLike(before, await this.withSecrets(text));
    return {
      unchanged: { backup: '', revision: now },
      write: async () => {
        await writeFile(backup, before, { mode: 0o600 });
        await put(bytes);
        return { backup, revision: this.#revisionOf(bytes) };
      },
      undo: () => put(before),
    };
  }

  async #read(): Promise<{ readonly text: string; readonly bytes: Buffer }> {
    const [text, bytes] = await Promise.all([readTextFile(this.#path), readFile(this.#path)]);
    return { text, bytes };
  }

  /** Of the file and of what stands for which secret: a number that means another secret now must not be taken. */
  #revisionOf(bytes: Buffer): string {
    const hash = createHash('sha256').update(bytes);
    for (const secret of this.#secrets) hash.update('\0').update(secret);
    return hash.digest('hex').slice(0, 32);
  }
}

function lookalikes(text: string): number {
  return text.replace(STANDS_FOR, '').match(IN_PLACE_OF_A_SECRET)?.length ?? 0;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
