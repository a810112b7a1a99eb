import { whyMissing } from './new-guest.ts';
import { pluginSuite } from './plugin-suite.ts';

pluginSuite({
  language: 'zig',
  missing: whyMissing('zig', 'version'),
  module: 'weather.wasm',
  panic: {
    file: 'plugin.zig',
    before: '    lockgate.log("greeting somebody");',
    statement: '    if (who.len > 0) @panic("the tank is empty");',
  },
});
