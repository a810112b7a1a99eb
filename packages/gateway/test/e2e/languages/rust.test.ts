import { whyMissing } from './new-guest.ts';
import { pluginSuite } from './plugin-suite.ts';
import { whyMissingTarget } from './rust-target.ts';

const panic = {
  file: 'src/lib.rs',
  before: '    lockgate::log("greeting somebody");',
  statement: '    None::<()>.expect("the tank is empty");',
};
const told = /panicked at src\/lib\.rs:\d+:\d+: the tank is empty"/;
const missing = whyMissing('cargo', '--version');

pluginSuite({
  ...{ language: 'rust', panic, told },
  missing: missing ?? whyMissingTarget('wasm32-wasip1'),
  module: 'target/wasm32-wasip1/release/plugin.wasm',
});

pluginSuite({
  ...{ language: 'rust', variant: ', without an operating system', panic, told },
  missing: missing ?? whyMissingTarget('wasm32-unknown-unknown'),
  module: 'target/wasm32-unknown-unknown/release/plugin.wasm',
  build: ['sed -i s/wasip1/unknown-unknown/ lockgate.json', 'cargo build --release --target wasm32-unknown-unknown'],
});
