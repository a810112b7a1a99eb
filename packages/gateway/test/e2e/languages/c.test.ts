import { whyMissing } from './new-guest.ts';
import { pluginSuite } from './plugin-suite.ts';

const clang = whyMissing('clang', '--version') ?? whyMissing('wasm-ld', '--version');
const zig = whyMissing('zig', 'version');

const before = '    lg_log("greeting somebody");';

pluginSuite({
  language: 'c',
  missing: clang && zig && `${clang}, nor zig, which has a clang in it`,
  module: 'weather.wasm',
  // The clang inside zig wants to hear that there is no system, and puts the stack first without being told.
  ...(clang && {
    prelude: 'clang() { zig cc $(echo "$*" | sed "s/=wasm32/=wasm32-freestanding/; s/-Wl,--stack-first//"); }',
  }),
  panic: { file: 'plugin.c', before, statement: '    lg_fail("the tank is empty");' },
});

pluginSuite({
  language: 'c',
  variant: ', with the C library of WASI',
  missing: zig && `${zig}, which brings that library along`,
  module: 'weather.wasm',
  build: ['zig cc --target=wasm32-wasi -mexec-model=reactor -std=c11 -O2 -UNDEBUG -Wall -o weather.wasm plugin.c'],
  panic: {
    file: 'plugin.c',
    before,
    statement: '#include <assert.h>\nassert(who.length > 99 && "the tank is empty");',
  },
  told: /wrote "Assertion failed: /,
});
