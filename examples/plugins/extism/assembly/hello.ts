// The smallest plug-in worth having: one tool and one setting. What the tool is for, lockgate.json says.
import { Config, Host, Memory } from '@extism/as-pdk';

@external('extism:host/env', 'error_set')
declare function errorSet(handle: u64): void;

/** An output in UTF-8: the PDK's own outputString counts characters, not bytes. */
function output(text: string): i32 {
  Host.output(Uint8Array.wrap(String.UTF8.encode(text)));
  return 0;
}

/** Whoever called is told this as an error. */
function fail(text: string): i32 {
  errorSet(Memory.allocateString(text).offset);
  return 1;
}

/** What a failed `assert` or a `throw` ends in; the build names this function. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? 'aborted' : message;
  fail(`${what} (${file === null ? 'somewhere' : file}:${line}:${column})`);
  unreachable();
}

export function greet(): i32 {
  const who = Host.inputString();
  if (who == '') return fail('greet: the argument "who" is required');
  const greeting = Config.get('greeting');
  return output(`${greeting === null ? 'Hello' : greeting}, ${who}!`);
}
