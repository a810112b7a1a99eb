import { describe, it } from 'node:test';
import type { TestApi } from './test-api.ts';

/** `node:test`'s `describe` and `it`, as the suites want them. */
export const testApi: TestApi = { describe, it };
