import type { ConfigurationDifference } from '../../config/configuration-difference.ts';

export interface Configuration {
  /** The file's path, or `stdin`. */
  readonly source: string;
  readonly values: readonly {
    /** Such as `gateway.listen`. */
    readonly place: string;
    /** JSON, secrets masked. */
    readonly value: string;
    /** `file`, `default`, or the flag or variable by its name. */
    readonly source: string;
  }[];
  /** What it means that its author may not have meant. */
  readonly notes: readonly string[];
  /** Keys that have changed in the file and wait for a restart. */
  readonly waitsForRestart: readonly string[];
  readonly mayChange: boolean;
  /**
   * The file's text, for operators where changes are allowed. A secret in it stands as `<<secret 1>>`, which is put back when the
   * text is checked or applied.
   */
  readonly text?: string;
  readonly format?: 'json' | 'yaml';
  /** Tells whether the file is still the same; goes back as {@link ConfigurationChange.revision}. */
  readonly revision?: string;
}

export interface ConfigurationText {
  readonly text: string;
}

export interface ConfigurationChange extends ConfigurationText {
  readonly revision: string;
}

export interface ConfigurationProblem {
  /** Such as `mcpServers.files.command`; empty where it is about the whole. */
  readonly place: string;
  readonly message: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** The flag or variable that it is about, where it is not about the text. */
  readonly source?: string;
}

export interface ConfigurationVerdict {
  readonly isUsable: boolean;
  readonly problems: readonly ConfigurationProblem[];
  readonly notes: readonly string[];
  /** Against what runs; only where it is usable. */
  readonly difference?: ConfigurationDifference;
  readonly waitsForRestart: readonly string[];
}

export interface ConfigurationReloaded {
  /** False where it could not be used and what was served stays; `problems` say why then. */
  readonly isApplied: boolean;
  readonly problems: readonly ConfigurationProblem[];
  readonly difference?: ConfigurationDifference;
  readonly waitsForRestart: readonly string[];
  /** The last change that was applied, where there was nothing new: the gateway may have seen it by itself. */
  readonly appliedBefore?: { readonly difference: ConfigurationDifference; readonly agoMs: number };
  /** How many processes were started anew, where several serve together: they are whether anything has changed or not. */
  readonly replaced?: number;
}

export interface ConfigurationApplied extends ConfigurationReloaded {
  /** Where the file as it was before lies. */
  readonly backup: string;
  readonly revision: string;
}
