import type { Program } from './steps.ts';
import { type Replicas, World } from './world.ts';

/** A world that serves one program after the other, and another one after a failure: what is left of that would disturb the next. */
export class Worlds implements AsyncDisposable {
  readonly #replicas: (() => Replicas) | undefined;
  #world: World | undefined;

  /** @param replicas - Asked for each world. @default one gateway that shares nothing */
  constructor(replicas?: () => Replicas) {
    this.#replicas = replicas;
  }

  async play(program: Program, play: (world: World, program: Program) => Promise<void>): Promise<void> {
    this.#world ??= await World.open(this.#replicas?.());
    try {
      await play(this.#world, program);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.close();
  }
}
