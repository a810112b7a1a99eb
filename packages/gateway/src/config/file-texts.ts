import { readTextFile } from './read-text-file.ts';

/** Texts of files by their paths. */
export type FileTexts = Readonly<Record<string, string>>;

/** A configuration that another process has read: nothing of it is looked for on the disk. */
export interface HandedFiles {
  /** Of the configuration itself. */
  readonly path: string;
  /** What it and the env file held. */
  readonly texts: FileTexts;
}

/** Reads files, or takes them for what it was given in their place, and keeps what it has read. */
export class NotedFiles {
  readonly #given: FileTexts | undefined;
  readonly #texts: Record<string, string> = {};

  constructor(given: FileTexts | undefined) {
    this.#given = given;
  }

  get texts(): FileTexts {
    return this.#texts;
  }

  readonly read = async (path: string): Promise<string> => {
    const text = this.#given?.[path] ?? (await readTextFile(path));
    this.#texts[path] = text;
    return text;
  };
}
