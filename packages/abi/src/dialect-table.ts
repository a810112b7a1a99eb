import type { Dialect } from './dialect.ts';
import { wasiComponent } from './dialects/component/component.ts';
import { extism } from './dialects/extism/extism.ts';
import { hyperMcpV1, hyperMcpV2 } from './dialects/hyper-mcp/hyper-mcp.ts';
import { lockgateGuard } from './dialects/lockgate-guard/lockgate-guard.ts';
import { lockgatePlugin } from './dialects/lockgate-plugin/lockgate-plugin.ts';

/** The dialects that every host speaks. More are added by passing a longer table to whoever asks for one. */
export const builtInDialects: readonly Dialect[] = [
  lockgatePlugin,
  lockgateGuard,
  hyperMcpV1,
  hyperMcpV2,
  extism,
  wasiComponent,
];
