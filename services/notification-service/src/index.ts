export { config } from './config.js';
export { messageMachine } from './domain/message.machine.js';
export { NotificationEvents } from './transport/notification.events.js';
