import * as z from 'zod';

/** Which tools, prompts and instructions of servers count as approved. */
export interface PinsSection {
  /**
   * `off`: all. `first-use`: what a server offers when it is first seen. `manual`: what somebody has approved. `lockfile`: what the file says, which the gateway
   * never writes.
   *
   * @default off
   */
  readonly mode: 'off' | 'first-use' | 'manual' | 'lockfile';
  /** Where approvals are kept. @default `lockgate.pins.json` beside the configuration */
  readonly file?: string | undefined;
}

export const pinsSection: z.ZodType<PinsSection> = z.strictObject({
  mode: z
    .enum(['off', 'first-use', 'manual', 'lockfile'])
    .default('off')
    .describe('Which tools count as approved: all, as first seen, by hand, as the file says'),
  file: z.string().min(1).optional().describe('Where approvals are kept; lockgate.pins.json beside the configuration'),
});
