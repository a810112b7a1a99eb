import type { CreateModuleOptions } from '../../src/index.ts';
import { GuestInstance } from '../reference/guest-instance.ts';

/** A guest, wherever it runs. */
export interface Guest {
  readonly trapped: boolean;
  readonly leaks: number;
  exchange(field: string, input?: string): Promise<string>;
  healthy(): Promise<boolean>;
  end?(): Promise<unknown>;
}

/** What a guest needs of whoever runs it. */
export type GuestNeeds = Pick<CreateModuleOptions, 'bytes' | 'fetch' | 'onGuestLog'>;

/** A guest in this thread. */
export function openHere(needs: GuestNeeds): Guest {
  return new GuestInstance(new WebAssembly.Module(needs.bytes), needs, undefined);
}
