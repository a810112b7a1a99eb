import type { PluginDialect } from '../../dialect.ts';
import { connectExtism } from './connection.ts';
import { KERNEL_RULES } from './functions.ts';
import { USER_FUNCTIONS } from './given-functions.ts';
import { explainImport, importsKernel } from './recognised.ts';
import { startNames } from './start.ts';
import { callRouter, codecForTools, missingTools } from './tools.ts';

/** What all guests of Extism have in common. */
export const EXTISM: Omit<PluginDialect, 'id' | 'title' | 'guide' | 'codec' | 'connect'> = {
  role: 'plugin',
  exports: [],
  needsMemory: false,
  startNames,
  imports: KERNEL_RULES,
  givenModule: USER_FUNCTIONS,
  explainImport,
  wasi: true,
  parks: true,
  leaksByFailing: true,
  memoryCeilingBytes: 256 * 1024 * 1024,
};

/** Plug-ins for Extism, of any PDK: exports that are called by name. What tools they are is said by whoever loads them. */
export const extism: PluginDialect = {
  ...EXTISM,
  id: 'extism',
  title: 'Extism plug-in',
  guide: 'docs/extism.md',
  recognise: (outline) => (importsKernel(outline) ? 2 : 0),
  codec: codecForTools({}),
  toldTools: { problems: missingTools, codec: codecForTools },
  connect: (setup) => connectExtism(setup, { route: callRouter() }),
};
