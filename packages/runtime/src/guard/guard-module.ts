import type {
  AgentLabelling,
  GuardCodec,
  ResourceLabelling,
  ResourceRequest,
  ResponseLabelling,
  ResponseRequest,
} from '@lockgate/abi';
import { ModuleClosedError } from '../errors.ts';
import { type LockedModule, type ModuleOperation, moduleOperation } from '../instance/locked-module.ts';
import type { CloseOptions } from '../plugin/plugin.ts';
import type { Guard, GuardCallOptions, GuardStats } from './guard.ts';

/** A guard over a locked module. It has no answer of its own: a call that got no labels from the guest rejects. */
export class GuardModule implements Guard {
  readonly name: string;
  readonly #module: LockedModule;
  readonly #labelAgent: ModuleOperation<unknown, AgentLabelling>;
  readonly #labelResource: ModuleOperation<ResourceRequest, ResourceLabelling>;
  readonly #labelResponse: ModuleOperation<ResponseRequest, ResponseLabelling>;

  constructor(module: LockedModule, name: string, codec: GuardCodec) {
    this.name = name;
    this.#module = module;
    const afterClose = (): never => {
      throw new ModuleClosedError({ module: name });
    };
    this.#labelAgent = moduleOperation(codec.labelAgent, afterClose);
    this.#labelResource = moduleOperation(codec.labelResource, afterClose);
    this.#labelResponse = moduleOperation(codec.labelResponse, afterClose);
  }

  labelAgent(policy: unknown, options?: GuardCallOptions): Promise<AgentLabelling> {
    return this.#module.runPriming(this.#labelAgent, policy, options);
  }

  labelResource(request: ResourceRequest, options?: GuardCallOptions): Promise<ResourceLabelling> {
    return this.#module.run(this.#labelResource, request, options);
  }

  labelResponse(request: ResponseRequest, options?: GuardCallOptions): Promise<ResponseLabelling> {
    return this.#module.run(this.#labelResponse, request, options);
  }

  async healthy(): Promise<boolean> {
    return this.#module.isOpen && !this.#module.crashLooping;
  }

  close(options: CloseOptions = {}): Promise<void> {
    return this.#module.close(options.drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async stats(): Promise<GuardStats> {
    return this.#module.stats();
  }
}
