import type { lookAtModule } from './look-at-module.ts';

/** Looks at a module; what does so knows every kind of them, and is read with the first that is looked at: a gateway without guests does without. */
export const lookWhenAsked: typeof lookAtModule = async (kind, module) =>
  (await import('./look-at-module.ts')).lookAtModule(kind, module);
