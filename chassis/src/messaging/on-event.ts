import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { isEventName, type EventName } from '@oms/contracts';

/** Nest's `@EventPattern`, for names of the contracts only; its own type refuses a typed second parameter. */
export const OnEvent = (name: EventName): MethodDecorator => EventPattern(name) as MethodDecorator;

/** The events that a controller has a handler for. */
export const handledBy = (controller: Type): EventName[] =>
  Object.values(Object.getOwnPropertyDescriptors(controller.prototype as object)).flatMap(({ value }) =>
    ((typeof value === 'function' && Reflect.getMetadata(PATTERN_METADATA, value)) || []).filter(
      (pattern: unknown) => typeof pattern === 'string' && isEventName(pattern),
    ),
  );
