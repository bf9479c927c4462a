export * from './decide.js';
export * from './draw.js';
export * from './machine.js';
export * from './saga.js';
export * from './types.js';
export * from './verify.js';
export * from './told.js';
