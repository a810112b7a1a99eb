import { describe, it } from 'vitest';
import type { TestApi } from './test-api.ts';

/** Vitest's `describe` and `it`, as the suites want them. */
export const testApi: TestApi = { describe, it };
