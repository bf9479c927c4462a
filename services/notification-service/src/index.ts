export { config } from './config.js';
export { messageMachine } from './domain/message.machine.js';
