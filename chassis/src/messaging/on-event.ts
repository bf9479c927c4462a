import { EventPattern } from '@nestjs/microservices';
import type { EventName } from '@oms/contracts';

/** Nest's `@EventPattern`, for names of the contracts only; its own type refuses a typed second parameter. */
export const OnEvent = (name: EventName): MethodDecorator => EventPattern(name) as MethodDecorator;
