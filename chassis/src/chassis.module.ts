import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { Executor } from './execute.js';
import type { Runtime } from './runtime.js';

/** Injection tokens of what the runtime brings. */
export const EXECUTOR = Symbol('Executor');
export const RUNTIME = Symbol('Runtime');

/** Offers the runtime to a service's own classes. */
@Module({})
export class ChassisModule {
  static of(runtime: Runtime, executor: Executor): DynamicModule {
    const providers: Provider[] = [
      { provide: EXECUTOR, useValue: executor },
      { provide: RUNTIME, useValue: runtime },
    ];
    return { module: ChassisModule, global: true, providers, exports: providers };
  }
}
