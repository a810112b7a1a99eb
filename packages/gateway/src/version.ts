import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('@lockgate/gateway/package.json') as { version: string };

/** The version of this package, as clients and `lockgate --version` see it. */
export const VERSION: string = version;
