/** A program that the process which starts them is to start. */
export interface SpawnRequest {
  readonly id: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** Socket of the gateway, where stdin, stdout and stderr of the program lead. */
  readonly path: string;
}

/** What becomes of it. */
export type SpawnReport =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string | undefined; readonly problem: string }
  | {
      readonly kind: 'exited';
      readonly id: number;
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
    };

/** Each of the three connections says first whose it is: a line of a number for the program and one for its pipe. */
export function greeting(id: number, pipe: number): string {
  return `${id} ${pipe}\n`;
}
