import type { ClientId } from './ids.ts';
import type { Tree } from './tree.ts';

/** Where clients' files are looked for. */
export interface Machine {
  readonly platform: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder whose project files count. */
  readonly folder: string;
}

export type Format = 'json' | 'toml' | 'yaml';

/** A file of a client, parsed. */
export interface ClientFile {
  /** Absolute. */
  readonly path: string;
  /** The folder of the person whose files are read. */
  readonly home: string;
  readonly format: Format;
  readonly tree: Tree;
}

export type Section = 'mcpServers' | 'plugins' | 'guards';

/** A variable that an entry needs in Lockgate, and where its value is now, as a part of a sentence. */
export interface Need {
  readonly variable: string;
  readonly source: string;
  /** What stands in its place where it is not set. */
  readonly otherwise?: string | undefined;
}

/** One entry of a client's file in Lockgate's words. */
export interface FoundEntry {
  readonly section: Section;
  /** As the client has it, which may be no name that Lockgate allows. */
  readonly name: string;
  readonly entry: Tree;
  /** What of it is otherwise here, or cannot be carried over; sentences without a secret. */
  readonly remarks: readonly string[];
  readonly needs: readonly Need[];
  /** The folder that the client starts it in. */
  readonly project: string | undefined;
}

/** What a client's file has and Lockgate cannot take, with the reason. */
export interface LeftOut {
  readonly name: string;
  readonly leftOut: string;
}

export type Found = FoundEntry | LeftOut;

/** A program that has a file of MCP servers, and how that file is read. */
export interface Client {
  /** As people type it after `--from` and `export`. */
  readonly id: ClientId;
  readonly name: string;
  /** What its file is called in messages. */
  readonly file: string;
  /** Its files on a machine, whether they exist or not; the one of the user first. */
  places(machine: Machine): readonly string[];
  /** Whether a file of this path is one of them, on any machine. */
  hasPath(path: string): boolean;
  /** Whether a file holds what only this client's files hold. */
  hasShape(file: ClientFile): boolean;
  /** Everything that stands among its servers. */
  read(file: ClientFile): readonly Found[];
}
