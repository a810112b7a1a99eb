// A plug-in for Extism as its AssemblyScript PDK makes it. What each input of `call` comes to is told in test/extism-oracle.test.ts.
import { Config, Host, Memory, Var } from '@extism/as-pdk';

@external('extism:host/env', 'alloc')
declare function alloc(byteLength: u64): u64;
@external('extism:host/env', 'error_set')
declare function errorSet(handle: u64): void;
@external('extism:host/env', 'free')
declare function free(handle: u64): void;
@external('extism:host/env', 'length')
declare function length(handle: u64): u64;
@external('extism:host/env', 'output_set')
declare function outputSet(address: u64, byteLength: u64): void;

let calls = 0;

export function abort(message: string | null, _file: string | null, _line: u32, _column: u32): void {
  errorSet(Memory.allocateString('abort: ' + (message === null ? '' : message)).offset);
}

function output(text: string): void {
  Host.output(Uint8Array.wrap(String.UTF8.encode(text)));
}

function orDash(text: string | null): string {
  return text === null ? '-' : text;
}

export function echo(): i32 {
  Host.output(Host.input());
  return 0;
}

export function call(): i32 {
  const tool = Host.inputString();
  if (tool == 'x') {
    calls += 1;
    output(calls.toString() + '|' + orDash(Config.get('KEY')) + '|' + orDash(Var.getString('v')));
    Var.set('v', Uint8Array.wrap(String.UTF8.encode('kept')));
  } else if (tool == 'fail') {
    errorSet(Memory.allocateString('boom ✗').offset);
  } else if (tool == 'rc') {
    output('lost');
    return 7;
  } else if (tool == 'abort') {
    throw new Error('nope');
  } else if (tool == 'nul') {
    output('a\0b');
  } else if (tool == 'slice') {
    outputSet(Memory.allocateString('0123456789').offset + 2, 4);
  } else if (tool == 'over') {
    // It takes the length of a text for that of its bytes.
    Host.outputString('héllo');
  } else if (tool == 'mem') {
    const none = alloc(0);
    const block = alloc(3);
    const freed = alloc(3);
    free(freed);
    const lengths: u64[] = [none, length(block), length(block + 1), length(freed), length(99999999)];
    output(lengths.join(','));
  }
  return 0;
}
